/** Where the time of the last answer went on the server: what its `Server-Timing` says, for who tells an operator of a slow one. */
import { signal } from "@preact/signals";

export const lastTimes = signal("");

/** Follows all answers, also those that came before this was loaded. A browser keeps a few hundred of them at most, but tells of each. */
export function watchTimes(): void {
  new PerformanceObserver((list) => {
    lastTimes.value = timesIn(list.getEntries()) ?? lastTimes.peek();
  }).observe({ type: "resource", buffered: true });
}

/** What is said of the last that asked a model; a browser of before 2023 says nothing. */
export function timesIn(answers: readonly Partial<PerformanceResourceTiming>[]): string | undefined {
  return answers
    .map(({ serverTiming = [] }) => serverTiming)
    .findLast((times) => times.some(({ name }) => name === "model"))
    ?.map(({ name, duration }) => `${name} ${Math.round(duration)} ms`)
    .join(" · ");
}
