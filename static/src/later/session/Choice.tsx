/** A session's row while some are selected: a box to tick. */
import { useComputed } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Session } from "../../api/types.ts";
import { isLetter, keys } from "../../browser/keys.ts";
import { tongueOf } from "../../text/tongues.ts";
import { sessions } from "../../state/sessions.ts";
import { choose, chooseAll, isBegin, isSelected, leave, takeAlong } from "./selection.ts";

export function Choice({ session, title }: { session: Session; title: string }) {
  const box = useRef<HTMLInputElement>(null);
  // Of all rows only those that change are drawn anew.
  const isTicked = useComputed(() => isSelected(session)).value;
  useLayoutEffect(() => {
    if (isBegin(session)) box.current?.focus();
  }, []);
  return (
    <li class="session choice">
      <label
        class="session-link"
        title={title}
        onClick={(event) => {
          // Firefox does nothing with a label that is clicked with a key held.
          if (!event.shiftKey || event.target === box.current) return;
          event.preventDefault();
          choose(session, !isTicked, true);
          box.current?.focus();
        }}
      >
        <input
          ref={box}
          type="checkbox"
          checked={isTicked}
          onClick={(event) => choose(session, event.currentTarget.checked, event.shiftKey)}
          onKeyDown={keys((event) => {
            if (act(event, session)) event.preventDefault();
          })}
        />
        <span dir="auto" lang={tongueOf(title)}>
          {title}
        </span>
      </label>
    </li>
  );
}

/** What a key does in the box of `session`, if anything: the arrows go from one to the next, and with Shift take it along. */
function act(event: KeyboardEvent, session: Session): boolean {
  if (event.key === "Escape") {
    leave(session);
    return true;
  }
  if ((event.ctrlKey || event.metaKey) && isLetter(event, "a")) {
    chooseAll();
    return true;
  }
  const at = sessions.value.indexOf(session);
  const places: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    Home: 0,
    End: sessions.value.length - 1,
  };
  const place = places[event.key];
  if (place === undefined) return false;
  const next = sessions.value[place];
  if (next) {
    document.querySelectorAll<HTMLElement>(".choice input")[place]?.focus();
    if (event.shiftKey) takeAlong(session, next);
  }
  return true;
}
