/** What the operator allows and has switched on. What was heard last is kept in this browser: nothing ever waits for it. */
import { type Signal, computed, signal } from "@preact/signals";
import { readConfig } from "../api/config.ts";
import type { ServerConfig } from "../api/types.ts";
import { load, store } from "./storage.ts";

/** The API's own default. */
const USUAL = 4000;

const [CHARS, FEATURES, ANSWERER] = ["message-chars", "features", "answerer"];
const [chars, features] = [signal(load(CHARS)), signal(load(FEATURES))];

/** Who answers, as people call it. */
export const answerer = signal(load(ANSWERER));

/** How many characters a message may have; the API counts code points, as we do. */
export const longestMessage = computed(() => {
  const limit = Number(chars.value);
  return Number.isSafeInteger(limit) && limit > 0 ? limit : USUAL;
});

/** Whether there is something here that not every operator has. It is kept as the server has said it: whoever asks knows the name. */
export const has = (feature: keyof ServerConfig["features"]) => features.value?.includes(`"${feature}":true`) ?? false;

/** Whether one can sign up and in here. */
export const hasAccounts = computed(() => has("accounts"));

/** Asks the server. What it does not say stays as it was. */
export async function refreshConfig(): Promise<void> {
  const config = await readConfig().catch(() => null);
  learn(CHARS, chars, config?.limits?.message_chars);
  learn(ANSWERER, answerer, config?.models?.map(({ label }) => label).at(0));
  learn(FEATURES, features, config?.features && JSON.stringify(config.features));
}

function learn(key: string, kept: Signal<string | null>, said: number | string | undefined): void {
  if (said === undefined) return;
  kept.value = String(said);
  store(key, kept.value);
}
