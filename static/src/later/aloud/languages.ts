/** In which language a text is read out: what its letters tell, and where several languages share them, its small words and what the visitor reads. */
import { tongueOf } from "../../text/tongues.ts";

/** Scripts that several languages share, by the names that `Intl` knows. What `tongueOf` is sure of is not among them. */
const SHARED: [string, RegExp][] = [
  ["Latn", /\p{sc=Latn}/gu],
  ["Cyrl", /\p{sc=Cyrl}/gu],
  ["Hani", /\p{sc=Hani}/gu],
  ["Arab", /\p{sc=Arab}/gu],
  ["Deva", /\p{sc=Deva}/gu],
  ["Beng", /\p{sc=Beng}/gu],
  ["Hebr", /\p{sc=Hebr}/gu],
];

/** Words that no text of some length does without, and that the others hardly have. */
const SMALL_WORDS: Record<string, string> = {
  en: "the and of is that with for this are not",
  de: "der die und das ist nicht ein mit für auf",
  fr: "le les et est une des pour dans vous que",
  es: "el los y es una para por del con que",
  pt: "o os e é uma para não com do que",
  it: "il gli e è una per non con di che",
  nl: "de het een en is van niet met voor dat",
};
/** Fewer of them may be a quotation. */
const ENOUGH = 2;

/** `preferred` is what the visitor reads, the best first; undefined: nothing in it is in any language. */
export function languageOf(text: string, preferred: readonly string[]): string | undefined {
  const sure = tongueOf(text);
  if (sure) return preferredOf(sure, preferred) ?? sure;
  const count = (letters: RegExp) => text.match(letters)?.length ?? 0;
  const [script, letters] = SHARED.map(([name, one]) => [name, count(one)] as const).reduce((most, one) =>
    one[1] > most[1] ? one : most,
  );
  if (letters === 0) return undefined;
  if (script === "Latn") {
    const found = bySmallWords(text);
    if (found) return preferredOf(found, preferred) ?? found;
  }
  // Han letters alone are read as Chinese, and not as the Japanese that a visitor reads, too: Japanese has others among them.
  const inScript = preferred.find((tag) => scriptsOf(tag).includes(script));
  return inScript ?? new Intl.Locale(`und-${script === "Hani" ? "Hans" : script}`).maximize().language;
}

/** The kind of `language` that the visitor reads, such as British English. */
function preferredOf(language: string, preferred: readonly string[]): string | undefined {
  return preferred.find((tag) => tag.split("-", 1)[0] === language);
}

function scriptsOf(tag: string): string[] {
  try {
    const { script = "" } = new Intl.Locale(tag).maximize();
    return /^Han[st]$/.test(script) ? [script, "Hani"] : [script];
  } catch {
    return [];
  }
}

function bySmallWords(text: string): string | undefined {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const found = Object.entries(SMALL_WORDS).map(([language, small]) => {
    const known = new Set(small.split(" "));
    return { language, count: words.filter((word) => known.has(word)).length };
  });
  const [first, second] = found.sort((a, b) => b.count - a.count);
  return first && second && first.count >= ENOUGH && first.count > second.count ? first.language : undefined;
}
