/** What the operator allows and has switched on. What was heard last is kept in this browser: nothing ever waits for it. */
import { type Signal, computed, signal } from "@preact/signals";
import { readConfig } from "../api/config.ts";
import { load, store } from "./storage.ts";

/** The API's own default. */
const USUAL = 4000;

const [CHARS, ACCOUNTS] = ["message-chars", "accounts"];
const [chars, accounts] = [signal(load(CHARS)), signal(load(ACCOUNTS))];

/** How many characters a message may have; the API counts code points, as we do. */
export const longestMessage = computed(() => {
  const limit = Number(chars.value);
  return Number.isSafeInteger(limit) && limit > 0 ? limit : USUAL;
});

/** Whether one can sign up and in here. */
export const hasAccounts = computed(() => accounts.value === "true");

/** Asks the server. What it does not say stays as it was. */
export async function refreshConfig(): Promise<void> {
  const config = await readConfig().catch(() => null);
  learn(CHARS, chars, config?.limits?.message_chars);
  learn(ACCOUNTS, accounts, config?.features?.accounts);
}

function learn(key: string, kept: Signal<string | null>, said: number | boolean | undefined): void {
  if (said === undefined) return;
  kept.value = String(said);
  store(key, kept.value);
}
