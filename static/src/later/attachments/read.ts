/** Text files, read in the browser. */

/** How large a file may be, in bytes: more than any message holds, and little enough to be read at once. */
export const LARGEST_FILE = 20_000;

/** How many may stand beside a draft. */
export const MOST_ATTACHED = 20;

/** Why a file, or a paste, cannot be attached. */
export const REFUSALS = ["empty", "tooLarge", "notText", "notUtf8", "unreadable", "tooMany"] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What a file says, or why nothing of it can be said. */
export type Read = { text: string } | { refusal: Refusal };

/** The text of `file`, or why there is none. */
export async function textOf(file: File): Promise<Read> {
  if (file.size > LARGEST_FILE) return { refusal: "tooLarge" };
  // A folder is a file until it is read.
  const bytes = await file.arrayBuffer().catch(() => null);
  return bytes ? decoded(new Uint8Array(bytes)) : { refusal: "unreadable" };
}

/** What the first `room` of `files` say. The others are not read. */
export function readAll(files: readonly File[], room: number): Promise<{ name: string; read: Read }[]> {
  const tooMany: Read = { refusal: "tooMany" };
  return Promise.all(
    files.map(async (file, at) => ({ name: file.name, read: at < room ? await textOf(file) : tooMany })),
  );
}

/** What is pasted, as if it were a file. */
export function pasted(text: string, room: number): Read {
  if (room < 1) return { refusal: "tooMany" };
  return new Blob([text]).size > LARGEST_FILE ? { refusal: "tooLarge" } : { text };
}

/** `bytes` as UTF-8, without its byte order mark. */
export function decoded(bytes: Uint8Array): Read {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (text.includes("\0")) return { refusal: "notText" };
    return text.trim() === "" ? { refusal: "empty" } : { text };
  } catch {
    const [first = 0, second = 0] = bytes;
    // UTF-16 has zeros in it, too, and says so at its beginning.
    const isWide = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
    return { refusal: bytes.includes(0) && !isWide ? "notText" : "notUtf8" };
  }
}
