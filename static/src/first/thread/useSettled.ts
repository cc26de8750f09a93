/**
 * Marks what is finished and out of sight: from then on the browser may leave it alone wherever it is not seen, and is told its height.
 *
 * Not while it is in view: where the mark comes, the browser makes the box anew, which costs time and counts as a shift of all that is in it.
 */
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

export function useSettled(element: RefObject<HTMLElement | null>, isFinished: boolean): void {
  useEffect(() => {
    const settled = element.current;
    if (!settled || !isFinished) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.at(-1)?.isIntersecting !== false || !settled.isConnected) return;
        // The height that a browser remembers by itself can come too late on a busy machine: the view would move by the difference to its guess.
        const height = contentHeight(settled);
        if (height <= 0) return;
        observer.disconnect();
        settled.style.containIntrinsicBlockSize = `auto ${height}px`;
        settled.setAttribute("data-settled", "");
      },
      { root: settled.closest("[data-scroller]") },
    );
    observer.observe(settled);
    return () => {
      observer.disconnect();
      settled.removeAttribute("data-settled");
      settled.style.containIntrinsicBlockSize = "";
    };
  }, [element, isFinished]);
}

/** In CSS pixels. */
function contentHeight(element: Element): number {
  const { paddingTop, paddingBottom } = getComputedStyle(element);
  return element.getBoundingClientRect().height - parseFloat(paddingTop) - parseFloat(paddingBottom);
}
