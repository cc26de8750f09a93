/** Light, dark, or as the system has it. `public/theme.js` applies the same choice before the first paint. */
import { effect, signal } from "@preact/signals";
import { load, store } from "./storage.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export const theme = signal<Theme>(THEMES.find((name) => name === load("theme")) ?? "system");

/** The browser's own bars, by what `index.html` says for either scheme. */
const bars = [...document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]")].map((bar) => ({
  bar,
  of: bar.media.includes("dark") ? "dark" : "light",
  colour: bar.content,
}));

effect(() => {
  const chosen = theme.value === "system" ? null : theme.value;
  store("theme", chosen);
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
  for (const { bar, of } of bars) bar.content = bars.find((one) => one.of === (chosen ?? of))?.colour ?? bar.content;
});
