/** How long a title may be that is made of a first message, in characters, as the server makes it. */
const LONGEST = 60;

/** Counted as the server does: Unicode scalar values. */
const characters = (text: string) => Array.from(text).length;

/** The first line of a message, cut between what a reader sees as characters. The server's title replaces it. */
export function firstWords(text: string): string {
  const line = text.trim().split("\n", 1)[0] ?? "";
  if (characters(line) <= LONGEST) return line;
  let kept = "";
  let length = 0;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(line)) {
    length += characters(segment);
    if (length >= LONGEST) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}
