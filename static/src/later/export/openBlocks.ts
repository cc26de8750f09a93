/**
 * What of a Markdown text is still open at its end, where more is to follow: a fence, or HTML, would swallow it. What stands in a list or a quote
 * ends with that. Where a line can be read in two ways, the text is only taken for closed if it is by both of them.
 */

/** `closed`: what follows stands for itself. A fence: it does after that. `unsure`: it may, or may not. */
export type End = "closed" | "unsure" | { fence: string };

const OPENING = /^((?: *(?:[-+*]|\d{1,9}[.)])(?= ))* *)(`{3,}(?!.*`)|~{3,})/;
const CLOSING = /^( *)(`{3,}|~{3,})[ \t]*$/;
const QUOTE = /^ {0,3}>/;
/** A fence after a tab stands wherever the tab stops. */
const AFTER_TAB = /^[-+*\d.) \t]*\t[-+*\d.) \t]*(?:```|~~~)/;
/** The beginning of a block of HTML. A model's `<think>` is one, too, which ends with the next empty line, and holds nothing. */
const HTML = /^ {0,3}<(?:[!?]|\/?[a-z][a-z\d-]*(?:[\s/>]|$))/i;
const THINK = /^ {0,3}<\/?think>\s*$/;

interface Fence {
  marks: string;
  /** How far it stands in. */
  indent: number;
  mayBeInItem: boolean;
}

export function endOf(text: string): End {
  let fence: Fence | null = null;
  let isInTag = false;
  for (const line of text.split(/\r\n?|\n/)) {
    if (fence) {
      const after = within(fence, line);
      if (after === "unsure") return after;
      if (after === "closed") fence = null;
      continue;
    }
    if (line.trim() === "") isInTag = false;
    if (QUOTE.test(line)) continue;
    if (THINK.test(line)) isInTag = true;
    else if (HTML.test(line) || AFTER_TAB.test(line)) return "unsure";
    const [, before = "", marks] = OPENING.exec(line) ?? [];
    if (!marks) continue;
    if (isInTag) return "unsure";
    fence = { marks, indent: before.length, mayBeInItem: before !== "" };
  }
  if (!fence) return "closed";
  return fence.mayBeInItem ? "unsure" : { fence: fence.marks };
}

/** What a line does to the fence that it may stand in. */
function within({ marks, indent, mayBeInItem }: Fence, line: string): "open" | "closed" | "unsure" {
  const [, before = "", closing = ""] = CLOSING.exec(line) ?? [];
  const isClosing = closing.startsWith(marks);
  if (!mayBeInItem) return isClosing && before.length <= 3 ? "closed" : "open";
  if (isClosing) return before.length === indent ? "closed" : "unsure";
  // It ends the list's item, if that is what the fence stands in.
  return line.trim() !== "" && line.search(/[^ ]/) < indent ? "unsure" : "open";
}
