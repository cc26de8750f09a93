/** Light, dark, or as the system has it. What is chosen is kept here; `public/theme.js` shows it, now and before the first paint. */
import { effect, signal } from "@preact/signals";
import { load, store } from "../../state/storage.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export const theme = signal<Theme>(THEMES.find((name) => name === load("theme")) ?? "system");

effect(() => {
  const chosen = theme.value === "system" ? null : theme.value;
  store("theme", chosen);
  dispatchEvent(new CustomEvent("theme", { detail: chosen }));
});
