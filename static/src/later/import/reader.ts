/** The worker that reads a file, so that the page stays as quick as it is, and hands out the parts of the chats that were chosen. */
import { unzipSync } from "fflate";
import { type FoundChat, type Sent, inParts, ordered } from "./chat.ts";
import { chatsOf } from "./formats.ts";

/** Bytes of a file, and of what is in one that is packed. */
const MOST = 300_000_000;

/** Of a title, which is drawn. */
const MOST_TITLE = 300;

/** A chat in the file. */
export interface Offered {
  /** By which its parts are asked for. */
  index: number;
  title: string;
  isPinned: boolean;
  /** When somebody last wrote, in milliseconds since 1970. */
  at: number | null;
  messages: number;
}

/** One chat as it comes in. */
export interface ChatParts {
  parts: Sent[][];
  /** The same whenever this chat is read again, and no other's. */
  digest: string;
}

export type Order = { file: File } | { parts: number };
export type Reply =
  | { kind: "chats"; chats: Offered[]; tooLong: number }
  | { kind: "failed"; why: "too_large" | "no_chats" }
  | ({ kind: "parts" } & ChatParts);

let chats: FoundChat[] = [];

onmessage = ({ data }: MessageEvent<Order>) => {
  const answer = "parts" in data ? partsOf(data.parts) : read(data.file);
  answer.then(reply, () => reply({ kind: "failed", why: "no_chats" }));
};

function reply(said: Reply): void {
  postMessage(said);
}

async function read(file: File): Promise<Reply> {
  if (file.size > MOST) return { kind: "failed", why: "too_large" };
  const bytes = new Uint8Array(await file.arrayBuffer());
  const isPacked = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const files = isPacked ? unpacked(bytes) : [bytes];
  if (!files) return { kind: "failed", why: "too_large" };
  // Bytes that are no UTF-8 are no JSON either.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  chats = files.flatMap((one) => chatsOf(decoder.decode(one)) ?? []);
  const offered: Offered[] = [];
  let tooLong = 0;
  for (const [index, chat] of chats.entries()) {
    const messages = ordered(chat)?.length;
    const { title, isPinned = false, at } = chat;
    if (messages !== undefined)
      offered.push({ index, title: title.slice(0, MOST_TITLE), isPinned, at: real(at), messages });
    else if (chat.messages.length > 0) tooLong += 1;
  }
  if (offered.length === 0 && tooLong === 0) return { kind: "failed", why: "no_chats" };
  return { kind: "chats", chats: offered.sort((one, other) => (other.at ?? 0) - (one.at ?? 0)), tooLong };
}

async function partsOf(index: number): Promise<Reply> {
  const chat = chats[index];
  const messages = (chat && ordered(chat)) ?? [];
  return { kind: "parts", parts: inParts(messages), digest: await digestOf(chat?.id ?? null, messages) };
}

/** Of all that comes in, and of its name there. A title may be changed, and the file be made anew; a chat that has grown meanwhile is another one, with other numbers. */
async function digestOf(id: string | null, messages: Sent[]): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify([id, messages])));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const real = (at: number | null) => (at !== null && Number.isFinite(at) ? at : null);

/**
 * The files of chats in a packed one, as ChatGPT and Claude hand them out; null: they are too large. All at once: this is a worker already, and the page's
 * policy lets none be made of a text.
 */
function unpacked(bytes: Uint8Array): Uint8Array[] | null {
  let total = 0;
  const filter = ({ name, originalSize }: { name: string; originalSize: number }) => {
    const isWanted = /(?:^|\/)conversations(?:-\d+)?\.json$/.test(name);
    if (isWanted) total += originalSize;
    return isWanted && total <= MOST;
  };
  const files = unzipSync(bytes, { filter });
  return total > MOST ? null : Object.values(files);
}
