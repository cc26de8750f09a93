/** Calls back when an element comes near the visible part of what scrolls around it: for lists that load more as one scrolls. */
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** One screen ahead: on a usual connection the next page is there before the reader is. */
const AHEAD = "100% 0px";

/** `key` changes when there is something new to wait for: then it is looked again, also if the element never left the view. */
export function useInView(element: RefObject<Element | null>, key: unknown, onView: () => void): void {
  const latest = useRef(onView);
  latest.current = onView;
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) latest.current();
      },
      { root: element.current.closest("[data-scroller]"), rootMargin: AHEAD },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element, key]);
}
