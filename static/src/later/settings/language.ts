/** The languages that the page's words are in, by their own names; `public/theme.js` knows them, too. */
import { load, store } from "../../state/storage.ts";

export const LANGUAGES: Record<string, string> = {
  en: "English",
  ar: "العربية",
  de: "Deutsch",
  es: "Español",
  fr: "Français",
  ja: "日本語",
  pt: "Português",
  zh: "简体中文",
};

/** The one that was chosen; empty: the browser's languages decide. */
export const chosenLanguage = () => load("language") ?? "";

/** Opens the page anew, for all of it is in one language. What is being written is kept. */
export function speakIn(language: string): void {
  store("language", language || null);
  location.reload();
}
