/** What can be done with a chat, or with a message, beyond what everybody does: it is loaded once the browser is idle. */
import { signal } from "@preact/signals";
import { lazily } from "../browser/lazily.ts";
import { whenIdle } from "../browser/whenIdle.ts";

export const acts = signal<typeof import("../later/session/acts.ts") | null>(null);
export const loadActs = (onFailure: () => void) =>
  lazily(() => import("../later/session/acts.ts")).then((module) => (acts.value = module), onFailure);
whenIdle(() => void loadActs(() => undefined));
