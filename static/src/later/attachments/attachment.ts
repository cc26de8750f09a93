/**
 * A long paste or a text file that stands beside the words of a draft. Nothing is uploaded: in the message it is a block of code, so it is
 * sent, kept, shown and edited as every other text is.
 */
import { characters } from "../../text/characters.ts";
import { fenceAround } from "./fence.ts";
import { ATTACHED, asKept } from "../../state/conversation/draft.ts";

export interface Attachment {
  name: string;
  /** Of the block's info string, before the name. */
  language: string;
  text: string;
}

/** A draft's words, and what stands beside them. */
export interface Parts {
  words: string;
  attachments: Attachment[];
}

/** The attachment of that name. Its text is what the server will keep of it, without the line break at its end. */
export function attachment(name: string, text: string): Attachment {
  return { name: tame(name), language: languageOf(name), text: asKept(text).replace(/\n$/, "") };
}

/** `name` as an info string can hold it: on one line, without what ends a title or a fence. */
function tame(name: string): string {
  return name
    .replace(/[\s\p{Cc}]+/gu, " ")
    .replace(/["`]/g, "'")
    .trim();
}

/** Endings that say only that it is text. */
const PLAIN = new Set(["txt", "text", "log"]);

/** The end of a file's name is how highlighters and models call most languages, too. */
function languageOf(name: string): string {
  const end = /(?:^|\.)([\w+#-]{1,16})$/.exec(name)?.[1]?.toLowerCase();
  return end === undefined || PLAIN.has(end) ? "text" : end;
}

/** `name`, with a number in it if there is one of that name already. */
export function distinct(name: string, taken: ReadonlySet<string>): string {
  const [, stem = name, end = ""] = /^(.+?)(\.[^.]*)?$/.exec(name) ?? [];
  let free = name;
  for (let count = 2; taken.has(free); count += 1) free = `${stem} (${count})${end}`;
  return free;
}

/** The block of code that is sent. No fence in the text ends it: its own is longer. */
export function fenced({ name, language, text }: Attachment): string {
  const fence = fenceAround(text);
  return `${fence}${language} title="${name}"\n${text}\n${fence}`;
}

/** The draft in which all of this stands: words, then each block behind its mark. Where nothing was written, a name begins the message, and so the chat's title. */
export function draftOf({ words, attachments }: Parts): string {
  const lead = (name: string, at: number) => (at > 0 || words !== "" ? "\n\n" : `${name}\n\n`);
  return words + attachments.map((each, at) => ATTACHED + lead(each.name, at) + fenced(each)).join("");
}

/** A block as `fenced` writes it. */
const BLOCK = /^(`{3,})([^\s`]+) title="([^"\n]+)"\n([^]*?)\n\1$/m;

/**
 * What stands in a draft. What came between or after the blocks belongs to the words, so that nothing is ever out of sight. `isBack`: the
 * words come from where no marks are kept, and the blocks at their end, where `draftOf` puts them, are attachments again. Those further up
 * are the visitor's own.
 */
export function partsOf(draft: string, isBack: boolean): Parts {
  const [first = "", ...marked] = draft.split(ATTACHED);
  const words: string[] = [];
  const attachments: Attachment[] = [];
  const takeLast = (piece: string) => {
    const parts = isBack ? withoutMarks(piece) : { words: piece, attachments: [] };
    words.push(parts.words);
    attachments.push(...parts.attachments);
  };
  if (marked.length === 0) takeLast(first);
  else words.push(first);
  for (const [at, piece] of marked.entries()) {
    const found = BLOCK.exec(piece);
    const [block = "", , language = "", name = "", text = ""] = found ?? [];
    const index = found?.index ?? 0;
    // No more than `draftOf` writes: a message is known by its exact words.
    const before = piece.slice(0, index).replace(/\n\n$/, "");
    if (before !== (attachments.length === 0 ? name : "")) words.push(before);
    if (found) attachments.push({ name, language, text });
    const rest = piece.slice(index + block.length).replace(/^\n\n/, "");
    if (at === marked.length - 1) takeLast(rest);
    else words.push(rest);
  }
  return { words: words.filter(Boolean).join("\n\n"), attachments };
}

/** The words of a message, and the blocks at its end: those from which `draftOf` writes this very message. */
function withoutMarks(message: string): Parts {
  const attachments: Attachment[] = [];
  let words = message;
  for (let last = lastBlock(words); last; last = lastBlock(words)) {
    attachments.unshift(last.attachment);
    words = last.before;
  }
  return { words: words === attachments[0]?.name ? "" : words, attachments };
}

/** The block that ends `text`, and what stands before it, if anything does: `draftOf` begins no message with a block. */
function lastBlock(text: string): { before: string; attachment: Attachment } | null {
  const fence = /\n(`{3,})$/.exec(text)?.[1];
  if (fence === undefined) return null;
  // No such fence is in the block.
  const at = text.lastIndexOf(`\n\n${fence}`);
  const block = text.slice(at + 2);
  const [, , language = "", name = "", content = ""] = BLOCK.exec(block) ?? [];
  const attachment = { name, language, text: content };
  return at > 0 && fenced(attachment) === block ? { before: text.slice(0, at), attachment } : null;
}

/** Those that find no room in a message of at most `limit` characters, taken one after the other. */
export function misfits({ words, attachments }: Parts, limit: number): Attachment[] {
  if (draftOf({ words, attachments }).length <= limit) return [];
  const kept: Attachment[] = [];
  return attachments.filter((each) => {
    const fits = lengthOf({ words, attachments: [...kept, each] }) <= limit;
    if (fits) kept.push(each);
    return !fits;
  });
}

/** How long the message is, as the server counts it. */
export function lengthOf(parts: Parts): number {
  return characters(asKept(draftOf(parts)));
}
