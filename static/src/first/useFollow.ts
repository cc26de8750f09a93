/**
 * Keeps a scrolling element at its end while the reader is there. The reader's own scroll always wins: one move up and
 * the page stays put, back at the end and it follows again.
 */
import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useCallback, useLayoutEffect } from "preact/hooks";

/** Closer to the end than this counts as being there, in CSS pixels: about two lines. */
const NEAR = 48;

export interface Follow {
  isFollowing: Signal<boolean>;
  toEnd: () => void;
}

/** `hasBelow`: whether the end of the content is not the end of all there is; there is nothing to follow there. */
export function useFollow(
  scroller: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
  hasBelow: RefObject<boolean>,
): Follow {
  const isFollowing = useSignal(true);

  const toEnd = useCallback(() => {
    isFollowing.value = true;
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, [scroller, isFollowing]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || !content.current) return;
    let top = element.scrollTop;
    const onScroll = () => {
      const isNear = !hasBelow.current && element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
      // Only a move up stops it: while text grows, our own way down may lag behind the end.
      if (isNear) isFollowing.value = true;
      else if (element.scrollTop < top) isFollowing.value = false;
      top = element.scrollTop;
    };
    const observer = new ResizeObserver(() => {
      if (isFollowing.peek()) element.scrollTop = element.scrollHeight;
    });
    observer.observe(content.current);
    observer.observe(element);
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", onScroll);
    };
  }, [scroller, content, hasBelow, isFollowing]);

  return { isFollowing, toEnd };
}
