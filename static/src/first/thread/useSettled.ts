/** Marks what has been laid out and will not change: the browser may leave it alone while it is out of sight, and is told its height. */
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

export function useSettled(element: RefObject<HTMLElement | null>, isFinished: boolean): void {
  useEffect(() => {
    const settled = element.current;
    if (!settled || !isFinished) return;
    // The height that a browser remembers by itself can come too late on a busy machine: the view would move by the difference to its guess.
    const observer = new ResizeObserver(([entry]) => {
      const height = entry?.contentBoxSize[0]?.blockSize;
      if (!height) return;
      observer.disconnect();
      settled.style.containIntrinsicBlockSize = `auto ${height}px`;
      settled.setAttribute("data-settled", "");
    });
    observer.observe(settled);
    return () => {
      observer.disconnect();
      settled.removeAttribute("data-settled");
      settled.style.containIntrinsicBlockSize = "";
    };
  }, [element, isFinished]);
}
