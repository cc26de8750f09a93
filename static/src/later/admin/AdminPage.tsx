/** The operator's page, `/admin`: what a span's figures are, and what can be done about them. Admins alone load it. */
import { useSignal } from "@preact/signals";
import { render } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { serverNow } from "../../api/serverClock.ts";
import { strings } from "../../first/strings.ts";
import { save } from "../copied/save.ts";
import { Addresses } from "./Addresses.tsx";
import { Busiest } from "./Busiest.tsx";
import { Figures } from "./Figures.tsx";
import { readOverview } from "./calls.ts";
import { csv } from "./csv.ts";
import { explain, isForbidden } from "./explain.ts";
import type { Overview } from "./shapes.ts";
import { sheet } from "./sheet.ts";
import { type SpanName, spanUntil } from "./span.ts";
import { words } from "./strings.ts";
import { moment } from "./written.ts";
import "./admin.css";

/** Shows it in place of what `root` holds. All of it is in English, whatever the chats are in. */
export function show(root: Element): void {
  Object.assign(document.documentElement, { lang: "en", dir: "ltr" });
  document.title = `${words.title} · ${strings.product}`;
  root.replaceChildren();
  render(<AdminPage />, root);
}

function AdminPage() {
  const span = useSignal<SpanName>("day");
  const overview = useSignal<Overview | null>(null);
  const state = useSignal<"reading" | "read" | "failed" | "forbidden">("reading");
  const said = useSignal("");
  const failure = useSignal("");
  const reading = useRef<AbortController>(null);

  const read = async () => {
    reading.current?.abort();
    const { signal } = (reading.current = new AbortController());
    state.value = "reading";
    said.value = words.reading;
    failure.value = "";
    try {
      const seen = await readOverview(spanUntil(serverNow(), span.peek()), signal);
      overview.value = seen;
      state.value = "read";
      said.value = words.readUntil(moment(seen.from), moment(seen.to));
    } catch (thrown) {
      // Another span was chosen meanwhile.
      if (signal.aborted) return;
      said.value = "";
      state.value = isForbidden(thrown) ? "forbidden" : "failed";
      failure.value = `${words.notRead} ${explain(thrown)}`;
    }
  };
  useLayoutEffect(() => {
    void read();
  }, []);

  const saveSheet = () => {
    const of = overview.peek();
    if (!of) return;
    save(csv(sheet(of)), `figures-${of.from.slice(0, 10)}-${of.to.slice(0, 10)}.csv`, "text/csv;charset=utf-8");
    said.value = words.saved;
  };

  // Whoever is no admin any more is told what others are.
  if (state.value === "forbidden")
    return (
      <main class="admin">
        <h1>{strings.missingTitle}</h1>
        <p>{strings.missing}</p>
        <a href="/">{words.back}</a>
      </main>
    );
  const of = overview.value;
  return (
    <main class="admin" aria-busy={state.value === "reading"}>
      <header class="admin-head">
        <h1>{words.title}</h1>
        <a href="/">{words.back}</a>
      </header>
      <div class="admin-tools">
        <fieldset>
          <legend class="unseen">{words.span}</legend>
          {Object.entries(words.spans).map(([name, label]) => (
            <label key={name}>
              <input
                type="radio"
                name="span"
                checked={span.value === name}
                onChange={() => {
                  span.value = name as SpanName;
                  void read();
                }}
              />
              <span>{label}</span>
            </label>
          ))}
        </fieldset>
        <button onClick={() => void read()}>{words.refresh}</button>
        <button aria-disabled={!of} onClick={saveSheet}>
          {words.save}
        </button>
        <p class="hint" role="status">
          {said}
        </p>
      </div>
      <p class="trouble" role="alert">
        {failure}
      </p>
      <div class="admin-sections">
        {of && <Figures of={of} />}
        <Busiest users={of?.busiest ?? []} />
        <Addresses />
      </div>
    </main>
  );
}
