/** One session in the list: open it, rename it in place, delete it after one question, with a way back. */
import { computed, signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Session } from "../../api/types.ts";
import { announce } from "../../state/announcer.ts";
import { isAnswering } from "../../state/conversations.ts";
import { notify } from "../../state/notices.ts";
import { open, openSessionId } from "../../state/route.ts";
import { pagesRead, remove, rename, restore } from "../../state/sessions.ts";
import { Icon } from "../Icon.tsx";
import { keys } from "../../browser/keys.ts";
import { Link } from "./Link.tsx";
import { RowMenu } from "./RowMenu.tsx";
import { notifyProblem } from "../notices/notifyProblem.ts";
import { Words } from "../Words.tsx";
import { strings } from "../strings.ts";
import { tongueOf } from "../../text/tongues.ts";

/** The API's limit. */
const LONGEST_TITLE = 255;

const isListRead = computed(() => pagesRead.value > 0);

/** The one session something is done with. */
const actingOn = signal<{ id: string; mode: "menu" | "renaming" | "asking" } | null>(null);

// Back has closed what it stood in. A title that was being written is kept when its field goes.
addEventListener("popstate", () => {
  if (actingOn.peek()?.mode !== "renaming") actingOn.value = null;
});

export function SessionRow({ session, onOpen }: { session: Session; onOpen: () => void }) {
  const mode = actingOn.value?.id === session.id ? actingOn.value.mode : "shown";
  const title = session.title ?? strings.untitled;
  const link = useRef<HTMLAnchorElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const isCurrent = session.id === openSessionId.value;
  // An old chat may stand far down in the list, also where it was there before the others.
  useLayoutEffect(() => {
    if (isCurrent) link.current?.scrollIntoView({ block: "nearest" });
  }, [isCurrent, isListRead.value]);
  /** `toLink`: by keyboard, so the focus must not get lost with what had it. */
  const show = (toLink: boolean) => {
    if (actingOn.value?.id === session.id) actingOn.value = null;
    if (toLink) requestAnimationFrame(() => link.current?.focus());
  };
  const choose = (mode: "menu" | "renaming" | "asking") => (actingOn.value = { id: session.id, mode });

  if (mode === "renaming") return <TitleEditor session={session} onDone={show} />;
  if (mode === "asking") return <Confirmation session={session} title={title} onKeep={() => show(true)} />;
  return (
    <li class="session">
      <Link to={session.id} anchor={link} class="session-link" title={title} isCurrent={isCurrent} onFollow={onOpen}>
        <span dir="auto" lang={tongueOf(title)}>
          {title}
        </span>
        {isAnswering(session.id) && <i class="answers" role="img" aria-label={strings.answers} />}
      </Link>
      <button
        class="quiet"
        ref={button}
        aria-label={strings.more(title)}
        title={strings.more(title)}
        aria-haspopup="menu"
        aria-expanded={mode === "menu"}
        onClick={() => (mode === "menu" ? show(false) : choose("menu"))}
      >
        <Icon name="more" />
      </button>
      {mode === "menu" && (
        <RowMenu button={button} name={strings.more(title)} onChoose={choose} onClose={() => show(false)} />
      )}
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
    if (title && title !== session.title)
      rename(session, title).then(
        () => announce("renamed", title),
        notifyProblem(strings.notRenamed(session.title ?? strings.untitled)),
      );
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
            if (event.key !== "Escape") return;
            event.preventDefault();
            onDone(true);
          })}
        />
      </form>
    </li>
  );
}

function Confirmation({ session, title, onKeep }: { session: Session; title: string; onKeep: () => void }) {
  const keep = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => keep.current?.focus(), []);
  const remove = (event: MouseEvent) => {
    const row = keep.current?.closest("li");
    const neighbour = row?.nextElementSibling ?? row?.previousElementSibling;
    const next = neighbour?.querySelector("a") ?? document.querySelector<HTMLElement>(".new-chat");
    next?.focus();
    // A click by keyboard has no count: the focus then moves to the notice with the way back.
    void removeWithUndo(session, title, event.detail === 0);
  };
  return (
    <li class="session">
      <div
        class="session-confirmation"
        role="group"
        aria-label={strings.confirmRemove(title)}
        onKeyDown={keys((event) => {
          if (event.key !== "Escape") return;
          event.preventDefault();
          onKeep();
        })}
      >
        <p>
          <Words of={strings.confirmRemove(title)} />
        </p>
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

async function removeWithUndo(session: Session, title: string, isByKey: boolean): Promise<void> {
  actingOn.value = null;
  const wasOpen = session.id === openSessionId.value;
  if (wasOpen) open(null);
  try {
    await remove(session);
  } catch (thrown) {
    notifyProblem(strings.notRemoved(title))(thrown);
    // Unless the visitor has gone on meanwhile.
    if (wasOpen && openSessionId.peek() === null) open(session.id);
    return;
  }
  const undo = () => {
    restore(session).then(
      () => {
        announce("restored", title);
        if (wasOpen) open(session.id);
      },
      notifyProblem(strings.notRestored(title)),
    );
  };
  notify({ kind: "done", text: strings.removed(title), action: { label: strings.undo, run: undo, isUndo: true } });
  if (isByKey && !document.activeElement?.matches("textarea"))
    requestAnimationFrame(() => document.querySelector<HTMLElement>(".notice:last-child button")?.focus());
}
