/** Where a text stands in another, by the server's rule, and how that is shown. */

/** A text with a part of it marked. */
export interface Marked {
  before: string;
  text: string;
  after: string;
}

/** How much of a message the server shows before and after a hit, in characters. */
const SHOWN = 60;
/** A word that is cut off is left out where the next one begins within so many characters. */
const LONGEST_REST = 20;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * Letters without their case, each by itself, as Postgres' `lower` takes them. It stays as long as `text`, so that a place in the one is a
 * place in the other; no letter's small form has another length in UTF-16 but İ's, which is taken without its dot.
 */
export function lowered(text: string): string {
  return text.replace(/\p{Changes_When_Lowercased}/gu, (letter) => {
    const [small = letter] = letter.toLowerCase();
    return small.length === letter.length ? small : letter;
  });
}

/** The first place in `text` that is `wanted` but for its case; null: there is none. */
export function mark(text: string, wanted: string): Marked | null {
  const at = lowered(text).indexOf(lowered(wanted));
  if (at < 0 || wanted === "") return null;
  const end = at + wanted.length;
  return whole({ before: text.slice(0, at), text: text.slice(at, end), after: text.slice(end) });
}

/** The same with its mark grown to whole characters as a reader sees them: no accent stands apart from its letter. */
export function whole({ before, text, after }: Marked): Marked {
  const all = before + text + after;
  const [start, end] = [before.length, before.length + text.length];
  let [from, to] = [start, end];
  for (const { index, segment } of graphemes.segment(all)) {
    if (index <= start) from = index;
    if (index < end) to = Math.max(to, index + segment.length);
  }
  return { before: all.slice(0, from), text: all.slice(from, to), after: all.slice(to) };
}

/** A hit as it is shown: from a whole word to a whole character, with an ellipsis where there is more. */
export function snippet(hit: Marked): Marked {
  const { before, text, after } = whole(hit);
  const isCut = (part: string) => Array.from(part).length >= SHOWN;
  return {
    before: isCut(hit.before) ? `…${before.replace(CUT_START, "")}` : before,
    text,
    after: isCut(hit.after) ? `${after.replace(CUT_END, "")}…` : after,
  };
}

/** What is left of a character that was cut, and of a word; of one that goes on to the end something stays. */
const CUT_START = new RegExp(
  `^[\\p{M}\\u200d\\p{Emoji_Modifier}]+|^[\\p{L}\\p{M}\\p{N}]{1,${LONGEST_REST}}[\\p{Z}\\s]+(?=\\S)`,
  "u",
);
/** What would bind to what is not there any more. */
const CUT_END = /[\u200d\s]+$/u;
