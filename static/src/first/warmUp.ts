/** Fetches, at the first keystroke, what the first answer will need: the renderer, the guest's token, the quota. */
import { allowances, refreshQuota } from "../state/quota.ts";
import { loadMarkdown } from "./loadMarkdown.ts";

let isWarm = false;

export function warmUp(): void {
  if (isWarm) return;
  isWarm = true;
  void loadMarkdown();
  if (!allowances.value) void refreshQuota();
}
