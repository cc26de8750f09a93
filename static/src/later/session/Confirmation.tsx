/** The one question before a session is deleted, in its row, and the way back afterwards. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Session } from "../../api/types.ts";
import { keys } from "../../browser/keys.ts";
import { strings } from "../../first/strings.ts";
import { announce } from "../../state/announcer.ts";
import { notify } from "../../state/notices.ts";
import { open, openSessionId } from "../../state/route.ts";
import { remove as removeSession, restore } from "../../state/sessions.ts";
import { focusNotice } from "./focusNotice.ts";
import type { Page } from "./page.ts";
import { words } from "./strings.ts";

interface Props {
  page: Page;
  session: Session;
  title: string;
  onKeep: () => void;
  /** The session goes: nothing is asked any more. */
  onRemove: () => void;
}

export function Confirmation({ page, session, title, onKeep, onRemove }: Props) {
  const keep = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => keep.current?.focus(), []);
  const remove = (event: MouseEvent) => {
    const row = keep.current?.closest("li");
    const neighbour = row?.nextElementSibling ?? row?.previousElementSibling;
    const next = neighbour?.querySelector("a") ?? document.querySelector<HTMLElement>(".new-chat");
    next?.focus();
    // A click by keyboard has no count: the focus then moves to the notice with the way back.
    onRemove();
    void removeWithUndo(page, session, title, event.detail === 0);
  };
  return (
    <li class="session">
      <div
        class="session-confirmation"
        role="group"
        aria-label={words.confirmRemove(title)}
        onKeyDown={keys((event) => {
          if (event.key !== "Escape") return;
          event.preventDefault();
          onKeep();
        })}
      >
        <p>
          <page.Words of={words.confirmRemove(title)} />
        </p>
        <button class="danger" onClick={remove}>
          {words.confirm}
        </button>
        <button ref={keep} onClick={onKeep}>
          {words.keep}
        </button>
      </div>
    </li>
  );
}

async function removeWithUndo(page: Page, session: Session, title: string, isByKey: boolean): Promise<void> {
  const wasOpen = session.id === openSessionId.value;
  if (wasOpen) open(null);
  try {
    await removeSession(session);
  } catch (thrown) {
    page.notifyProblem(words.notRemoved(title))(thrown);
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
      page.notifyProblem(strings.notRestored(title)),
    );
  };
  notify({ kind: "done", text: strings.removed(title), action: { label: strings.undo, run: undo, isUndo: true } });
  if (isByKey && !document.activeElement?.matches("textarea")) focusNotice();
}
