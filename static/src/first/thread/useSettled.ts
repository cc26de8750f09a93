/** Marks what has been laid out and will not change: the browser may leave it alone while it is out of sight, and knows its height. */
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

export function useSettled(element: RefObject<HTMLElement | null>, isFinished: boolean): void {
  useEffect(() => {
    const settled = element.current;
    if (!settled || !isFinished) return;
    // A size is remembered at the end of the frame in which it was first seen.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => settled.setAttribute("data-settled", ""));
    });
    return () => {
      cancelAnimationFrame(frame);
      settled.removeAttribute("data-settled");
    };
  }, [element, isFinished]);
}
