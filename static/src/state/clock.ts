/** The time, once a second, for countdowns. Nobody looking (tab hidden): it stands still. */
import { computed, signal } from "@preact/signals";

export const now = signal(Date.now());

const tick = () => (now.value = Date.now());
setInterval(() => {
  if (!document.hidden) tick();
}, 1000);
document.addEventListener("visibilitychange", tick);

/** The time, once a minute: near enough for "5 minutes ago". */
export const minute = computed(() => Math.floor(now.value / 60_000) * 60_000);

/** The start of the visitor's day, in milliseconds since the epoch: what shows days is drawn anew once a day, not once a second. */
export const today = computed(() => new Date(now.value).setHours(0, 0, 0, 0));
