/** Whether the page is connected, and what is caught up on when it is again. */
import { computed, effect, signal, untracked } from "@preact/signals";
import { isReachable, probe } from "../api/reachability.ts";
import { announce } from "./announcer.ts";

/** What the browser itself says. It knows of a missing network, not of one that leads nowhere. */
const hasNetwork = signal(navigator.onLine);
addEventListener("online", () => (hasNetwork.value = true));
addEventListener("offline", () => (hasNetwork.value = false));

export type Connection = "online" | "offline" | "unreachable";

export const connection = computed<Connection>(() =>
  !hasNetwork.value ? "offline" : isReachable.value ? "online" : "unreachable",
);

/** Resolves when the page is connected, or when `signal` ends the wait. */
export async function whenOnline(signal: AbortSignal): Promise<void> {
  let unsubscribe: (() => void) | undefined;
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
    unsubscribe = effect(() => {
      if (connection.value === "online") resolve();
    });
  });
  unsubscribe?.();
}

/** The pause before the API is tried again, in milliseconds; it doubles up to the longest. */
const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 30_000;

/** Runs `catchUp` each time the connection is back. `isSaid`: whether the page says already that it is cut off. */
export function onReturn(catchUp: () => void, isSaid: () => boolean): void {
  let was: Connection = "online";
  let isKnown = false;
  effect(() => {
    const is = connection.value;
    if (is === was) return;
    // Once what was under way has failed, and has said so.
    if (was === "online")
      setTimeout(() => {
        if (connection.peek() === "online" || isKnown) return;
        if (!isSaid()) announce("offline");
        isKnown = true;
      });
    if (is === "online") {
      // A gap of which nothing was said needs no word of its end.
      if (isKnown) announce("online");
      isKnown = false;
      untracked(catchUp);
    }
    was = is;
  });
}

effect(() => {
  if (connection.value !== "unreachable") return;
  let timer: ReturnType<typeof setTimeout>;
  const tryIn = (pause: number) => {
    timer = setTimeout(() => {
      void probe().then((isBack) => {
        if (!isBack) tryIn(Math.min(pause * 2, LONGEST_PAUSE));
      });
    }, pause);
  };
  tryIn(FIRST_PAUSE);
  return () => clearTimeout(timer);
});
