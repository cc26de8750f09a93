/**
 * The language of a text where its letters alone tell it, for a screen reader's voice. Letters that several languages share, such as
 * Latin ones or Chinese ones without others among them, tell nothing.
 */
const SCRIPTS: [string, RegExp][] = [
  ["ja", /[\p{sc=Hira}\p{sc=Kana}]/u],
  ["ko", /\p{sc=Hang}/u],
  ["he", /\p{sc=Hebr}/u],
  ["ar", /\p{sc=Arab}/u],
  ["th", /\p{sc=Thai}/u],
  ["el", /\p{sc=Grek}/u],
  ["ka", /\p{sc=Geor}/u],
  ["hy", /\p{sc=Armn}/u],
  ["ta", /\p{sc=Taml}/u],
  ["te", /\p{sc=Telu}/u],
  ["km", /\p{sc=Khmr}/u],
  ["lo", /\p{sc=Laoo}/u],
  ["gu", /\p{sc=Gujr}/u],
  ["kn", /\p{sc=Knda}/u],
  ["ml", /\p{sc=Mlym}/u],
  ["or", /\p{sc=Orya}/u],
  ["pa", /\p{sc=Guru}/u],
  ["si", /\p{sc=Sinh}/u],
];
/** Letters of Persian, Urdu and others that are written as Arabic is, and that Arabic has not. */
const NOT_ARABIC = /[\u0679\u067e\u0681\u0686\u0688\u0691\u0696\u0698\u06a9\u06af\u06ba\u06be\u06c1\u06cc\u06d2]/;
/** How many characters are looked at: a text stays in the language it begins in. */
const LOOKED_AT = 400;

export function tongueOf(text: string): string | undefined {
  // The page is in English, and most of what it shows is in letters of Latin.
  const start = text.slice(0, LOOKED_AT);
  if (!/[^\p{ASCII}]/u.test(start)) return undefined;
  const letters = start.match(/\p{L}/gu) ?? [];
  for (const [tongue, script] of SCRIPTS) {
    if (tongue === "ar" && NOT_ARABIC.test(start)) continue;
    if (!script.test(start)) continue;
    const own = letters.filter((letter) => script.test(letter) || (tongue === "ja" && /\p{sc=Han}/u.test(letter)));
    if (own.length > letters.length / 2) return tongue;
  }
  return undefined;
}
