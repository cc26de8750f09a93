/** The page in the visitor's language: English is a part of it, any other is loaded, in parts as they are wanted. */
import { language } from "../browser/language.ts";
import { lazily, waitFor } from "../browser/lazily.ts";
import { onAccount, translate } from "../text/words.ts";
import type { First } from "./parts.ts";

const LANGUAGES: Partial<Record<string, () => Promise<First>>> = {
  ar: () => import("./ar.ts"),
  de: () => import("./de.ts"),
  es: () => import("./es.ts"),
  fr: () => import("./fr.ts"),
  ja: () => import("./ja.ts"),
  pt: () => import("./pt.ts"),
  zh: () => import("./zh.ts"),
};

/** Calls `begin` once the page has its words. What could not be loaded is said in English. */
export function speak(begin: () => void): void {
  const load = LANGUAGES[language];
  if (!load) {
    begin();
    return;
  }
  const first = put(load);
  first.catch(console.warn).finally(begin);
  waitFor(first.then(({ later }) => later(put, onAccount)).catch(console.warn));
}

/** Loads words, and puts them into the tables of their rooms. */
const put = <T extends { words: object }>(load: () => Promise<T>) =>
  lazily(load, "at once").then((part) => {
    translate(part.words);
    return part;
  });
