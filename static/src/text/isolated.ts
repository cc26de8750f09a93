/** A text between other texts, so that its writing direction is its own affair: in a tab's title nothing else keeps it apart. */
export function isolated(text: string): string {
  return `\u2068${text.replace(DIRECTION_MARKS, "")}\u2069`;
}

/** Marks that turn the direction of what follows; one that closes the isolate would let the others out. */
const DIRECTION_MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
