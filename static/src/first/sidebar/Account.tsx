/** Where there are accounts, the way to one's own. It is loaded after the page, which works without. */
import { effect, signal } from "@preact/signals";
import { lazily } from "../../browser/lazily.ts";
import { whenIdle } from "../../browser/whenIdle.ts";
import { hasAccounts } from "../../state/config.ts";
import type { Entry } from "../../later/account/entry/Entry.tsx";
import { duration, explain, relativeTime } from "../wording.ts";

const loaded = signal<typeof Entry | null>(null);

effect(() => {
  if (!hasAccounts.value) return;
  whenIdle(() => {
    lazily(() => import("../../later/account/entry/Entry.tsx")).then(
      (module) => (loaded.value = module.Entry),
      () => undefined,
    );
  });
});

export function Account() {
  const Entry = loaded.value;
  return hasAccounts.value && Entry ? <Entry wording={{ explain, relativeTime, duration }} /> : null;
}
