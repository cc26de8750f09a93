/** How long a browser without idle callbacks (Safari) waits where nothing presses, and how long it is kept busy then, in milliseconds. */
const WAIT_MS = 1000;
const SLICE_MS = 8;

/**
 * Does `work` once nothing more urgent waits; work in steps may take the next one while it `hasTime`. After `atLatest` milliseconds, if
 * given, it is done all the same. Returns what cancels it.
 */
export function whenIdle(work: (hasTime: () => boolean) => void, atLatest?: number): () => void {
  if (!("requestIdleCallback" in window)) {
    const slice = () => {
      const end = performance.now() + SLICE_MS;
      work(() => performance.now() < end);
    };
    const timer = setTimeout(slice, atLatest ? 0 : WAIT_MS);
    return () => clearTimeout(timer);
  }
  const options = atLatest ? { timeout: atLatest } : {};
  const id = requestIdleCallback((deadline) => work(() => deadline.timeRemaining() > 1), options);
  return () => cancelIdleCallback(id);
}
