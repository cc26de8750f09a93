/**
 * Which messages of a long session are in the DOM: a stretch around what is being read, moved as the reader comes near its
 * ends. What is above and below stays in memory, so going back costs no request.
 */
import { type Signal, batch, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

/** At most so many messages are in the DOM (while the reader is at the end, `STEP` more). */
const LONGEST = 120;
/** By so many the stretch moves. */
const STEP = 40;

export interface Window<T> {
  shown: T[];
  /** Whether messages in memory are left out above, and below. */
  hasAbove: boolean;
  hasBelow: boolean;
  up: () => void;
  down: () => void;
  /** Shows the end, whatever was shown before. */
  end: () => void;
}

/** The stretch of `items`, which grows at both ends; while `isFollowing` its end is the end of the items. */
export function useWindow<T extends { id: string }>(items: T[], isFollowing: Signal<boolean>): Window<T> {
  /** How many are left out. */
  const above = useSignal(0);
  const below = useSignal(0);
  const last = useRef<string>(undefined);

  // New ones at the end go below while something else is read; those at the start are what the reader asked for.
  useLayoutEffect(() => {
    const before = items.findLastIndex(({ id }) => id === last.current);
    // Not there any more: another version is shown.
    const added = before < 0 ? 0 : items.length - 1 - before;
    last.current = items.at(-1)?.id;
    // Nor may what was left out of a longer version be left out of the next one.
    if (above.peek() >= items.length) above.value = Math.max(0, items.length - LONGEST);
    if (below.peek() >= items.length) below.value = 0;
    if (isFollowing.peek()) {
      below.value = 0;
      if (items.length - above.peek() > LONGEST + STEP) above.value = items.length - LONGEST;
      return;
    }
    if (below.peek() > 0) below.value += added;
    const tooMany = items.length - above.peek() - below.peek() - LONGEST;
    if (tooMany > STEP) below.value += tooMany;
  }, [items, above, below, isFollowing]);

  const move = (nextAbove: number, nextBelow: number) =>
    batch(() => {
      above.value = Math.max(0, nextAbove);
      below.value = Math.max(0, nextBelow);
    });
  // Another version may have fewer messages than were left out.
  const left = below.value < items.length ? below.value : 0;
  const stop = items.length - left;
  const start = above.value < stop ? above.value : Math.max(0, stop - LONGEST);
  return {
    shown: items.slice(start, stop),
    hasAbove: start > 0,
    hasBelow: left > 0,
    up: () => {
      const next = Math.max(0, start - STEP);
      move(next, Math.max(left, items.length - next - LONGEST));
    },
    down: () => {
      const next = Math.min(items.length, stop + STEP);
      move(Math.max(start, next - LONGEST), items.length - next);
    },
    end: () => move(items.length - LONGEST, 0),
  };
}
