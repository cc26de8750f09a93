/**
 * Which messages of a long conversation are in the DOM: a stretch around what is being read, long enough for the browser's own search. It
 * grows where the reader comes near one of its ends, and at the other end it loses what is far from the view when it is too long. What
 * is above and below stays in memory, so going back costs no request.
 *
 * What is far is measured in screens, not in messages: a screen may hold one answer or thirty short ones.
 */
import type { Signal } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { isPrinting } from "./printing.ts";

/** How many messages are shown at first, from the end of the conversation. */
const AT_FIRST = 10;
/** By how many messages the stretch grows at a time: few, because they are rendered between two frames. */
const STEP = 10;
/** More than these are not in the DOM at once. */
export const MOST = 200;
/** How many screens away a message must be before it may be left out. More than `useInView` looks ahead, or it would come back at once. */
const REACH = 2;

export interface Window<T> {
  shown: T[];
  /** Whether messages in memory are left out above, and below. */
  hasAbove: boolean;
  hasBelow: boolean;
  /** Shows more above or below, ten unless said. */
  up: (count?: number) => void;
  down: (count?: number) => void;
  /** Shows the end, whatever was shown before. */
  end: () => void;
}

interface Item {
  id: string;
}

/** What was shown last. Ids, because items come in before it, and indices, because another version may have taken their place. */
interface Stretch {
  first: string | undefined;
  last: string | undefined;
  start: number;
  length: number;
}

/**
 * The stretch of `items`, which grows at both ends and is shown by the articles in `scroller`; while `isFollowing` it ends where the
 * items end. It begins near the item `at`, if that is given and known.
 */
export function useWindow<T extends Item>(
  scroller: RefObject<HTMLElement | null>,
  items: T[],
  isFollowing: Signal<boolean>,
  at?: string,
): Window<T> {
  const kept = useRef<Stretch | null>(null);
  kept.current ??= near(items, at);
  const [, setMoves] = useState(0);

  const [start, stop] = isFollowing.value ? untilTheEnd(items, kept.current) : around(items, kept.current);
  const shown = items.slice(start, stop);
  const keep = (from: number, to: number) => {
    kept.current = { first: items[from]?.id, last: items[to - 1]?.id, start: from, length: to - from };
  };
  const move = (from: number, to: number) => {
    keep(Math.max(0, from), Math.min(items.length, to));
    setMoves((count) => count + 1);
  };

  /** How many on that side are both too many, once `more` have come, and far away. */
  const surplus = (side: "above" | "below", more: number) => {
    const tooMany = stop - start + more - MOST;
    return tooMany > 0 ? Math.min(tooMany, farFrom(scroller.current, side)) : 0;
  };

  useLayoutEffect(() => {
    if (items.length > 0) keep(start, stop);
  });
  // A long answer that is followed pushes messages far above the view: they are left out.
  useLayoutEffect(() => {
    const far = surplus("above", 0);
    if (isFollowing.peek() && far > STEP) move(start + far, stop);
  }, [items]);

  return {
    shown: isPrinting.value ? items : shown,
    hasAbove: !isPrinting.value && start > 0,
    hasBelow: !isPrinting.value && stop < items.length,
    up: (count = STEP) => move(start - count, stop - surplus("below", count)),
    down: (count = STEP) => move(start + surplus("above", count), stop + count),
    end: () => move(items.length - AT_FIRST, items.length),
  };
}

function near(items: Item[], at: string | undefined): Stretch | null {
  const index = at === undefined ? -1 : items.findIndex(({ id }) => id === at);
  if (index < 0) return null;
  const start = Math.max(0, index - STEP);
  const stop = Math.min(items.length, index + STEP);
  return { first: items[start]?.id, last: items[stop - 1]?.id, start, length: stop - start };
}

function untilTheEnd(items: Item[], kept: Stretch | null): [number, number] {
  const tail = Math.max(0, items.length - AT_FIRST);
  const first = kept ? items.findIndex(({ id }) => id === kept.first) : -1;
  const last = kept ? items.findLastIndex(({ id }) => id === kept.last) : -1;
  // From far above to the end, or to another version's end: what lies between is of no interest.
  const isJump = last < 0 || items.length - 1 - last > STEP;
  return [first < 0 || isJump ? Math.max(first, tail) : first, items.length];
}

/** New ones at the end are left out until the reader comes near them; those at the start, too. */
function around(items: Item[], kept: Stretch | null): [number, number] {
  if (!kept) return [Math.max(0, items.length - AT_FIRST), items.length];
  const first = items.findIndex(({ id }) => id === kept.first);
  // The first one itself was turned to another version.
  const start = first < 0 ? Math.min(kept.start, Math.max(0, items.length - 1)) : first;
  const last = items.findLastIndex(({ id }) => id === kept.last);
  return [start, last < start ? Math.min(items.length, start + Math.max(kept.length, AT_FIRST)) : last + 1];
}

/** How many of the messages in `scroller`, counted from that side, are out of reach. One that is being edited is never left out: its new words are nowhere else. */
function farFrom(scroller: HTMLElement | null, side: "above" | "below"): number {
  if (!scroller) return 0;
  const view = scroller.getBoundingClientRect();
  const reach = view.height * REACH;
  const isFar = (message: Element) => {
    const { top, bottom } = message.getBoundingClientRect();
    return side === "above" ? view.top - bottom > reach : top - view.bottom > reach;
  };
  const messages = [...scroller.querySelectorAll("article")];
  if (side === "below") messages.reverse();
  return Math.max(
    0,
    messages.findIndex((message) => !isFar(message) || message.querySelector(".edit")),
  );
}
