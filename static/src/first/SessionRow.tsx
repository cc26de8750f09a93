/** One session in the list: open it, rename it in place, delete it after one question, with a way back. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Problem } from "../api/problem.ts";
import type { Session } from "../api/types.ts";
import { forget } from "../state/conversations.ts";
import { notify } from "../state/notices.ts";
import { open, openSessionId } from "../state/route.ts";
import { remove, rename, restore } from "../state/sessions.ts";
import { Icon } from "./Icon.tsx";
import { keys } from "./keys.ts";
import { Link } from "./Link.tsx";
import { strings } from "./strings.ts";
import { explain } from "./wording.ts";

/** The API's limit. */
const LONGEST_TITLE = 255;

export function SessionRow({ session, onOpen }: { session: Session; onOpen: () => void }) {
  const mode = useSignal<"shown" | "renaming" | "asking">("shown");
  const title = session.title ?? strings.untitled;
  const link = useRef<HTMLAnchorElement>(null);
  /** `toLink`: by keyboard, so the focus must not get lost with what had it. */
  const show = (toLink: boolean) => {
    mode.value = "shown";
    if (toLink) requestAnimationFrame(() => link.current?.focus());
  };

  if (mode.value === "renaming") return <TitleEditor session={session} onDone={show} />;
  if (mode.value === "asking") return <Confirmation session={session} title={title} onKeep={() => show(true)} />;
  return (
    <li class="session">
      <Link
        to={session.id}
        anchor={link}
        class="session-link"
        isCurrent={session.id === openSessionId.value}
        onFollow={onOpen}
      >
        <span dir="auto">{title}</span>
      </Link>
      <button
        class="quiet"
        aria-label={strings.rename(title)}
        title={strings.rename(title)}
        onClick={() => (mode.value = "renaming")}
      >
        <Icon name="pencil" />
      </button>
      <button
        class="quiet"
        aria-label={strings.remove(title)}
        title={strings.remove(title)}
        onClick={() => (mode.value = "asking")}
      >
        <Icon name="bin" />
      </button>
    </li>
  );
}

function TitleEditor({ session, onDone }: { session: Session; onDone: (byKey: boolean) => void }) {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    // To select is not to focus in Firefox.
    input.current?.focus();
    input.current?.select();
  }, []);
  const save = (byKey: boolean) => {
    const title = input.current?.value.trim() ?? "";
    onDone(byKey);
    if (title && title !== session.title) rename(session, title).catch(tell(strings.notRenamed(session.title ?? "")));
  };
  return (
    <li class="session">
      <form
        class="session-title"
        onSubmit={(event) => {
          event.preventDefault();
          save(true);
        }}
      >
        <input
          ref={input}
          aria-label={strings.newTitle}
          defaultValue={session.title ?? ""}
          maxLength={LONGEST_TITLE}
          dir="auto"
          onBlur={() => save(false)}
          onKeyDown={keys((event) => {
            if (event.key === "Escape") onDone(true);
          })}
        />
      </form>
    </li>
  );
}

function Confirmation({ session, title, onKeep }: { session: Session; title: string; onKeep: () => void }) {
  const keep = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => keep.current?.focus(), []);
  const remove = () => {
    const row = keep.current?.closest("li");
    const neighbour = row?.nextElementSibling ?? row?.previousElementSibling;
    const next = neighbour?.querySelector("a") ?? document.querySelector<HTMLElement>(".new-chat");
    next?.focus();
    void removeWithUndo(session, title);
  };
  return (
    <li class="session">
      <div
        class="session-confirmation"
        role="group"
        aria-label={strings.confirmRemove}
        onKeyDown={keys((event) => {
          if (event.key === "Escape") onKeep();
        })}
      >
        <span>{strings.confirmRemove}</span>
        <button class="danger" onClick={remove}>
          {strings.confirm}
        </button>
        <button ref={keep} onClick={onKeep}>
          {strings.keep}
        </button>
      </div>
    </li>
  );
}

async function removeWithUndo(session: Session, title: string): Promise<void> {
  const wasOpen = session.id === openSessionId.value;
  forget(session.id);
  if (wasOpen) open(null);
  try {
    await remove(session);
  } catch (thrown) {
    tell(strings.notRemoved(title))(thrown);
    return;
  }
  const undo = () => {
    restore(session).then(
      () => {
        if (wasOpen) open(session.id);
      },
      tell(strings.notRestored(title)),
    );
  };
  notify({ kind: "done", text: strings.removed(title), action: { label: strings.undo, run: undo } });
}

/** Says what was not done, and why. */
function tell(what: string): (thrown: unknown) => void {
  return (thrown) => notify({ kind: "problem", text: `${what} ${explain(Problem.from(thrown))}` });
}
