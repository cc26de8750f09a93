/**
 * Keeps a scrolling element at its end while the reader is there. The reader's own move always wins: the smallest one up, by wheel,
 * finger, key or scrollbar, lets go at once. Only the reader brings it back: by going to the end, or by asking for something.
 */
import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useCallback, useLayoutEffect, useRef } from "preact/hooks";
import { keys } from "../../browser/keys.ts";

/** A move down that ends closer to the end than this goes to the end, in CSS pixels: about two lines, which may have come meanwhile. */
const NEAR = 48;

export interface Follow {
  isFollowing: Signal<boolean>;
  /** Whether there is more than fits. */
  isLong: Signal<boolean>;
  toEnd: () => void;
  /** Counts the reader's own moves. */
  moves: RefObject<number>;
  /** To be called before a move that is not the reader's: what the reader did just now, and no event has told yet, counts. */
  look: () => void;
  /** To be called after such a move. */
  moved: () => void;
}

/** `hasBelow`: whether the end of the content is not the end of all there is; there is nothing to follow there. */
export function useFollow(
  scroller: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
  hasBelow: RefObject<boolean>,
  startsFollowing: boolean,
): Follow {
  const isFollowing = useSignal(startsFollowing);
  const isLong = useSignal(false);
  /** Where it was when it was last looked at. */
  const top = useRef(0);
  const moves = useRef(0);

  const moved = useCallback(() => {
    top.current = scroller.current?.scrollTop ?? 0;
  }, [scroller]);
  const toEnd = useCallback(() => {
    isFollowing.value = true;
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
    moved();
  }, [scroller, isFollowing, moved]);

  const letGo = useCallback(() => {
    moves.current += 1;
    const element = scroller.current;
    if (element && element.scrollHeight > element.clientHeight) isFollowing.value = false;
  }, [scroller, isFollowing]);
  /** What moved since the last look was moved by the reader. A content that became shorter leaves the view at its very end. */
  const look = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const by = element.scrollTop - top.current;
    const left = element.scrollHeight - element.clientHeight - element.scrollTop;
    if (by < 0 && left > 1) letGo();
    if (by > 0) moves.current += 1;
    if (by > 0 && left < NEAR && !hasBelow.current) isFollowing.value = true;
    moved();
  }, [scroller, hasBelow, isFollowing, letGo, moved]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || !content.current) return;
    const catchUp = () => {
      // What stands there instead of messages is read from its beginning.
      if (!isFollowing.peek() || !element.querySelector("article")) return;
      element.scrollTop = element.scrollHeight;
      moved();
    };
    const gone = new AbortController();
    const isHeld = watchReader(element, { onUp: letGo, onLoose: catchUp }, gone.signal);
    const observer = new ResizeObserver(() => {
      // The browser may have scrolled for the reader since, and not said so yet.
      if (isFollowing.peek()) look();
      isLong.value = element.scrollHeight > element.clientHeight;
      if (!isLong.value && !hasBelow.current) isFollowing.value = true;
      if (!isHeld()) catchUp();
    });
    observer.observe(content.current);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true, signal: gone.signal });
    return () => {
      observer.disconnect();
      gone.abort();
    };
  }, [scroller, content, hasBelow, isFollowing, isLong, letGo, look, moved]);

  return { isFollowing, isLong, toEnd, moves, look, moved };
}

interface Wishes {
  /** The reader wants to go up. */
  onUp: () => void;
  /** A finger or a button that held the view is gone. */
  onLoose: () => void;
}

/** Tells what the reader does with `element`, until `gone`. Returns whether a finger or a pressed button holds it right now. */
function watchReader(element: HTMLElement, { onUp, onLoose }: Wishes, gone: AbortSignal): () => boolean {
  let isHeld = false;
  let finger = 0;
  const options = { passive: true, signal: gone };
  const loosen = () => {
    if (!isHeld) return;
    isHeld = false;
    onLoose();
  };
  // With Ctrl a wheel zooms.
  const onWheel = ({ deltaY, ctrlKey }: WheelEvent) => {
    if (deltaY < 0 && !ctrlKey) onUp();
  };
  element.addEventListener("wheel", onWheel, options);
  const onKey = (event: KeyboardEvent) => {
    if (goesUp(event)) onUp();
  };
  element.addEventListener("keydown", keys(onKey), options);

  const touched = ({ touches }: TouchEvent) => touches[0]?.clientY ?? 0;
  const onTouch = (event: TouchEvent) => {
    isHeld = true;
    finger = touched(event);
  };
  const onDrag = (event: TouchEvent) => {
    if (touched(event) > finger) onUp();
    finger = touched(event);
  };
  element.addEventListener("touchstart", onTouch, options);
  element.addEventListener("touchmove", onDrag, options);
  element.addEventListener("touchend", loosen, options);
  element.addEventListener("touchcancel", loosen, options);

  // The scrollbar, or a selection that is being drawn. Not every browser tells when a scrollbar is let go of.
  const onPointer = ({ type, buttons, pointerType }: PointerEvent) => {
    if (pointerType !== "mouse") return;
    if (type === "pointerdown") isHeld = true;
    else if (buttons === 0) loosen();
  };
  element.addEventListener("pointerdown", onPointer, options);
  addEventListener("pointermove", onPointer, options);
  addEventListener("pointerup", onPointer, options);
  return () => isHeld;
}

function goesUp({ key, shiftKey, target }: KeyboardEvent): boolean {
  const isField = target instanceof Element && target.matches("textarea, input");
  const isButton = target instanceof Element && target.matches("button, summary");
  return !isField && (["ArrowUp", "PageUp", "Home"].includes(key) || (key === " " && shiftKey && !isButton));
}
