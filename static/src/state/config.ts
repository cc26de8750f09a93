/** What the operator allows and has switched on. What was heard last is kept in this browser: nothing ever waits for it. */
import { computed, signal } from "@preact/signals";
import { readConfig } from "../api/config.ts";
import type { ServerConfig } from "../api/types.ts";
import { load, store } from "./storage.ts";

/** The API's own default. */
const USUAL = 4000;

const KEY = "config";
const kept = signal(load(KEY));

/** As the server has said it last; one that is older than this page says less. */
export const config = computed(() => JSON.parse(kept.value ?? "{}") as Partial<ServerConfig>);

/** The id of the model that is asked next, where that is known; else the first is. */
export const asked = signal<string | null>(null);

/** Who answers next, as people call it. */
export const answerer = computed(() => {
  const { models = [] } = config.value;
  return (models.find(({ id }) => id === asked.value) ?? models[0])?.label;
});

/** How many characters a message may have; the API counts code points, as we do. */
export const longestMessage = computed(() => config.value.limits?.message_chars ?? USUAL);

/** Whether there is something here that not every operator has. */
export const has = (feature: keyof ServerConfig["features"]) => config.value.features?.[feature] === true;

/** Whether one can sign up and in here. */
export const hasAccounts = computed(() => has("accounts"));

/** Asks the server; without an answer all stays as it was. */
export async function refreshConfig(): Promise<void> {
  const said = await readConfig().catch(() => null);
  if (said) store(KEY, (kept.value = JSON.stringify(said)));
}
