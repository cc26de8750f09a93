/** The title that the server makes of a first message, by the same rule (`shared/domain/src/title.rs`): it is shown until the server's is here. */

import { characters } from "./characters.ts";

/** How long a made title may be, in characters. */
const LONGEST = 60;

/** Whatever can be seen of a line. */
const VISIBLE = /[^\p{White_Space}\p{Cc}\p{DI}\u2800\ufff9-\ufffb\u{13430}-\u{13442}\u{1d159}]/u;

/** The first words of `message` on one line, cut between words, with an ellipsis if something is missing. */
export function titleFrom(message: string): string {
  const line = message.split("\n").find((each) => VISIBLE.test(each)) ?? "";
  let title = "";
  for (const [word] of line.matchAll(/\P{White_Space}+/gu)) {
    const longer = title === "" ? word : `${title} ${word}`;
    if (characters(longer) > LONGEST) return `${title || beginning(word)}…`;
    title = longer;
  }
  return message.trim() !== line.trim() && characters(title) < LONGEST ? `${title}…` : title;
}

/** As much of a long word as a title has room for, cut between what a reader sees as characters. */
function beginning(word: string): string {
  let kept = "";
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(word)) {
    if (characters(kept + segment) >= LONGEST) break;
    kept += segment;
  }
  return (
    kept ||
    Array.from(word)
      .slice(0, LONGEST - 1)
      .join("")
  );
}
