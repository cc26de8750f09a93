/** The time by the server's clock, once a second, for countdowns. It stands still while the tab is hidden. */
import { computed, effect, signal } from "@preact/signals";
import { ahead, serverNow } from "../api/serverClock.ts";

export const now = signal(serverNow());

const tick = () => (now.value = serverNow());
setInterval(() => {
  if (!document.hidden) tick();
}, 1000);
document.addEventListener("visibilitychange", tick);
effect(() => {
  // The server's clock was learnt.
  if (ahead.value !== 0) tick();
});

/** The time, once a minute: near enough for "5 minutes ago". */
export const minute = computed(() => Math.floor(now.value / 60_000) * 60_000);

/** The start of the visitor's day, in milliseconds since the epoch: what shows days is drawn anew once a day, not once a second. */
export const today = computed(() => new Date(now.value).setHours(0, 0, 0, 0));
