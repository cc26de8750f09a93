/** A chat from a file, whatever page it comes from, and as the API takes it in. */

/** A message as it stands in a file. */
export interface Found {
  id: string;
  parent: string | null;
  role: "user" | "assistant";
  text: string;
  isCut: boolean;
  model: string | null;
  /** In milliseconds since 1970. */
  at: number | null;
}

/** A chat as it stands in a file: its messages in any order. */
export interface FoundChat {
  /** What it is called where it comes from. */
  id: string | null;
  title: string;
  /** Said by this page's own files alone. */
  isPinned?: boolean;
  at: number | null;
  messages: Found[];
  /** The last message of the branch that was on screen. */
  leaf: string | null;
}

/** A message as the API takes it in. */
export interface Sent {
  parent: number | null;
  role: "user" | "assistant";
  content: string;
  is_cut: boolean;
  model: string | null;
  said_at: number | null;
}

/** What the API takes of one chat. */
const MOST_MESSAGES = 10_000;
const MOST_CHARS = 20_000;
const MOST_BYTES = 32_000;
/** Bytes of one message's JSON, in which a character may have six of them: a part has room for it. */
const MOST_JSON = 120_000;
const MOST_MODEL = 100;
const MOST_SECONDS = 2 ** 32 - 1;

/** Something that can be seen: a message or a title without it is none. */
export const SEEN = /[^\s\p{C}\p{Default_Ignorable_Code_Point}\u2800\u{fff9}-\u{fffb}\u{13430}-\u{13442}\u{1d159}]/u;

/** The messages, each after the one that it follows; the branch that was on screen comes last. Null: there are too many, or none. */
export function ordered(chat: FoundChat): Sent[] | null {
  const known = new Map(chat.messages.map((message) => [message.id, message]));
  const following = new Map<string | null, Found[]>();
  for (const message of chat.messages) {
    const parent = message.parent !== null && known.has(message.parent) ? message.parent : null;
    const siblings = following.get(parent);
    if (siblings) siblings.push(message);
    else following.set(parent, [message]);
  }
  const shown = branchTo(chat.leaf, known);
  const sent: Sent[] = [];
  // What follows a message that is left out follows the one before it. A circle has no beginning, so it is never reached.
  const waiting: { message: Found; after: number | null }[] = [];
  const wait = (parent: string | null, after: number | null) => {
    const next = following.get(parent) ?? [];
    // Two messages of one name follow themselves: each list is gone through once.
    following.delete(parent);
    const last = next.filter(({ id }) => shown.has(id));
    const others = next.filter(({ id }) => !shown.has(id));
    for (const message of [...others, ...last].reverse()) waiting.push({ message, after });
  };
  wait(null, null);
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { message, after } = next;
    const text = message.text.toWellFormed();
    const isKept = SEEN.test(text);
    if (isKept) sent.push(asSent(message, text, after));
    if (sent.length > MOST_MESSAGES) return null;
    wait(message.id, isKept ? sent.length - 1 : after);
  }
  return sent.length > 0 ? sent : null;
}

function branchTo(leaf: string | null, known: Map<string, Found>): Set<string> {
  const branch = new Set<string>();
  for (let id = leaf; id !== null && known.has(id) && !branch.has(id); id = known.get(id)?.parent ?? null)
    branch.add(id);
  return branch;
}

function asSent(message: Found, text: string, parent: number | null): Sent {
  const content = within(text);
  const seconds = Math.floor((message.at ?? Number.NaN) / 1000);
  const model = message.model?.toWellFormed().replace(/\p{C}/gu, "").slice(0, MOST_MODEL);
  return {
    parent,
    role: message.role,
    content,
    // A question is whole, whatever of it is here: it cannot be gone on with.
    is_cut: message.role === "assistant" && (message.isCut || content !== text),
    model: message.role === "assistant" && model ? model.toWellFormed() : null,
    said_at: seconds >= 0 && seconds <= MOST_SECONDS ? seconds : null,
  };
}

const encoder = new TextEncoder();

/** As much of a text as comes in. */
function within(text: string): string {
  const fits = (part: string) =>
    part.length * 3 <= MOST_CHARS ||
    (Array.from(part).length <= MOST_CHARS &&
      encoder.encode(part).length <= MOST_BYTES &&
      encoder.encode(JSON.stringify(part)).length <= MOST_JSON);
  if (fits(text)) return text;
  const mark = "\n\n[…]";
  let end = Math.min(text.length, 2 * MOST_CHARS);
  while (!fits(text.slice(0, end) + mark)) end = Math.floor(end * 0.9);
  return text.slice(0, end).toWellFormed() + mark;
}

/** Messages of a part, and the bytes of its JSON, at most: below what the API takes. */
const PART_MESSAGES = 200;
const PART_BYTES = 150_000;

/** The messages in parts that the API takes. */
export function inParts(messages: Sent[]): Sent[][] {
  const parts: Sent[][] = [];
  let bytes = Infinity;
  for (const message of messages) {
    const more = encoder.encode(JSON.stringify(message)).length + 1;
    const part = parts.at(-1);
    if (!part || bytes + more > PART_BYTES || part.length === PART_MESSAGES) {
      parts.push([message]);
      bytes = more;
    } else {
      part.push(message);
      bytes += more;
    }
  }
  return parts;
}
