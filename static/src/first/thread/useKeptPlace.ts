/** Lets messages come and go above what is read without it moving: browsers differ in how they anchor a scroll. */
import type { RefObject } from "preact";
import { useCallback, useLayoutEffect, useRef } from "preact/hooks";
import type { Follow } from "./useFollow.ts";

/** Call the result just before the change; `key` changes with it. */
export function useKeptPlace(
  scroller: RefObject<HTMLElement | null>,
  key: unknown,
  { look, moved }: Follow,
): () => void {
  const kept = useRef<{ element: Element; top: number } | null>(null);
  useLayoutEffect(() => {
    if (scroller.current && kept.current?.element.isConnected) {
      scroller.current.scrollTop += kept.current.element.getBoundingClientRect().top - kept.current.top;
      moved();
    }
    kept.current = null;
  }, [scroller, key, moved]);
  return useCallback(() => {
    look();
    const edge = scroller.current?.getBoundingClientRect().top ?? 0;
    for (const element of scroller.current?.querySelectorAll("article") ?? []) {
      const { top, bottom } = element.getBoundingClientRect();
      if (bottom <= edge) continue;
      kept.current = { element, top };
      return;
    }
  }, [scroller, look]);
}
