/** Fetches, at the first keystroke, what the first answer will need: the renderer, the guest's token, the limits, the quota. */
import { allowances, refreshQuota } from "../../state/quota.ts";
import { refreshConfig } from "../../state/config.ts";
import { loadMarkdown } from "../thread/loadMarkdown.ts";

let isWarm = false;

export function warmUp(): void {
  if (isWarm) return;
  isWarm = true;
  void loadMarkdown();
  void refreshConfig();
  if (!allowances.value) void refreshQuota();
}
