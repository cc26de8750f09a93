/**
 * Lets the browser's own search find what is said: messages come into the DOM, up to a limit, also those that were never scrolled to. It is loaded
 * once the browser is idle, which is when it begins to work.
 */
import { useEffect, useLayoutEffect } from "preact/hooks";
import type { Conversation } from "../../state/conversation/conversation.ts";
import { isLetter, onKeys } from "../../browser/keys.ts";
import { MOST, type Window } from "./useWindow.ts";
import { whenIdle } from "../../browser/whenIdle.ts";

/** How many more are put there at a time: each of them is rendered between two frames. */
const STEP = 4;

/** How long after the last movement nobody is scrolling any more. */
const STILL_MS = 300;

interface Props {
  conversation: Conversation;
  stretch: Window<unknown>;
  keepPlace: () => void;
}

/**
 * Shows nothing. `keepPlace` is called before messages come in above. A search that begins in the browser's menu tells the page nothing: what was not read yet is
 * read when there is time, unless the visitor pays for each byte.
 */
export function Searchable({ conversation, stretch, keepPlace }: Props) {
  const count = stretch.shown.length;
  const { hasAbove, hasBelow, up, down } = stretch;
  const hasUnread = conversation.thread.earlier.value !== null && !savesData();
  useEffect(() => {
    if (count >= MOST || !(hasAbove || hasBelow || hasUnread)) return;
    return whenStill(() => {
      if (!hasAbove && !hasBelow) {
        conversation.thread.readEarlier(keepPlace).catch(() => undefined);
        return;
      }
      keepPlace();
      // What came in while the reader was further up is below.
      (hasBelow ? down : up)(STEP);
    });
  }, [hasAbove, hasBelow, hasUnread, count, conversation]);

  // Before the browser paints: the keys may be pressed from then on.
  useLayoutEffect(
    () =>
      onKeys((event) => {
        if ((event.ctrlKey || event.metaKey) && isLetter(event, "f")) void readAhead(conversation, keepPlace);
      }),
    [conversation, keepPlace],
  );
  return null;
}

let scrolledAt = -Infinity;
addEventListener("scroll", () => (scrolledAt = performance.now()), { capture: true, passive: true });

/** Does `work` when the browser is idle and nobody is scrolling: what comes in then would be in the way. Returns what cancels it. */
function whenStill(work: () => void): () => void {
  let cancel = whenIdle(() => {
    if (performance.now() - scrolledAt > STILL_MS) {
      work();
      return;
    }
    const timer = setTimeout(() => (cancel = whenStill(work)), STILL_MS);
    cancel = () => clearTimeout(timer);
  });
  return () => cancel();
}

/** Reads what was not read yet when the visitor is about to search. */
async function readAhead(conversation: Conversation, keepPlace: () => void): Promise<void> {
  for (let count = -1; count < conversation.messages.value.length && count < MOST;) {
    count = conversation.messages.value.length;
    if (count < MOST) await conversation.thread.readEarlier(keepPlace).catch(() => undefined);
  }
}

/** Whether the visitor has asked for little traffic. */
function savesData(): boolean {
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData ?? false;
}
