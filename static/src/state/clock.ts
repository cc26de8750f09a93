/** The time, once a second, for countdowns. Nobody looking (tab hidden): it stands still. */
import { signal } from "@preact/signals";

export const now = signal(Date.now());

const tick = () => (now.value = Date.now());
setInterval(() => {
  if (!document.hidden) tick();
}, 1000);
document.addEventListener("visibilitychange", tick);
