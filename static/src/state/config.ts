/** The operator's limits. What was heard last is kept in this browser: nothing ever waits for them. */
import { computed, signal } from "@preact/signals";
import { readLimits } from "../api/config.ts";
import { load, store } from "./storage.ts";

const KEY = "message-chars";
/** The API's own default. */
const USUAL = 4000;

const kept = signal(Number(load(KEY)));

/** How many characters a message may have; the API counts code points, as we do. */
export const longestMessage = computed(() => (isLimit(kept.value) ? kept.value : USUAL));

/** Asks the server. What it does not say stays as it was. */
export async function refreshLimits(): Promise<void> {
  const limits = await readLimits().catch(() => null);
  if (!isLimit(limits?.message_chars)) return;
  kept.value = limits.message_chars;
  store(KEY, String(limits.message_chars));
}

function isLimit(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}
