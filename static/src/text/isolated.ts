/** A text between other texts, so that its writing direction is its own affair: in a tab's title nothing else keeps it apart. */
export function isolated(text: string): string {
  return `\u2068${text.replace(DIRECTION_MARKS, "")}\u2069`;
}

/** A title in quotes, as sentences name it. One that is written from right to left is isolated, so that the sentence around it stays as it is. */
export function quoted(title: string): string {
  const plain = title.replace(DIRECTION_MARKS, "");
  return quotes.open + (quotes.areTurned || RIGHT_TO_LEFT.test(plain) ? isolated(plain) : plain) + quotes.close;
}

/** Those of the page's language; whether its sentences run from right to left. */
export const quotes = { open: "“", close: "”", areTurned: false };

/** Marks that turn the direction of what follows; one that closes the isolate would let the others out. */
const DIRECTION_MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Unicode's blocks of scripts that are written from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
