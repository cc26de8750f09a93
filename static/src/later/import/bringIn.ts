/** Brings chats in, part by part. One that broke off goes on where it was; one that is here already stays one, whenever its file is chosen again. */
import { Problem } from "../../api/problem.ts";
import { requestJson } from "../../api/request.ts";
import type { ImportedPart } from "../../api/types.ts";
import { inTurn } from "../copied/inTurn.ts";
import { SEEN, type Sent } from "./chat.ts";
import type { ChatFile } from "./file.ts";
import type { Offered } from "./reader.ts";

/** A title's characters, at most. */
const MOST_TITLE = 255;

/** How often a chat that was deleted here can be brought in again, until the server has forgotten it. */
const MOST_ROUNDS = 20;

/** What keeps the other chats out as well. */
const FOR_ALL = new Set<string | undefined>(["rate_limited", "storage_full", "too_many_sessions"]);

/** One chat on its way in. */
interface Coming {
  /** How many chats of its name were deleted here before. */
  round: number;
  /** Parts that are there. */
  parts: number;
  isDone: boolean;
}

/** Chats of one file on their way in. What was brought in stays known, so that another try does not send it twice. */
export class BringingIn {
  #file: Pick<ChatFile, "parts">;
  #coming = new Map<number, Coming>();

  constructor(file: Pick<ChatFile, "parts">) {
    this.#file = file;
  }

  has(chat: Offered): boolean {
    return this.#coming.get(chat.index)?.isDone ?? false;
  }

  /** All of `chats`; `onChat` hears how many are there. One that cannot come in does not keep out the others; what it was is thrown at the end. */
  async all(chats: Offered[], onChat: (done: number) => void, halt: AbortSignal): Promise<void> {
    let done = 0;
    const problems: unknown[] = [];
    // The list shows the newest first: the last one that comes in.
    for (const chat of chats.toReversed()) {
      try {
        await this.#one(chat, halt);
        onChat((done += 1));
      } catch (thrown) {
        const { code, status } = Problem.from(thrown);
        if (halt.aborted || FOR_ALL.has(code) || !status) throw thrown;
        problems.push(thrown);
      }
    }
    if (problems.length > 0) throw problems[0];
  }

  async #one(chat: Offered, halt: AbortSignal): Promise<void> {
    const coming = this.#coming.get(chat.index) ?? { round: 0, parts: 0, isDone: false };
    this.#coming.set(chat.index, coming);
    const title = Array.from(chat.title.toWellFormed().replace(/\p{C}/gu, " ").trim()).slice(0, MOST_TITLE).join("");
    const { parts, digest } = await this.#file.parts(chat);
    while (!coming.isDone) {
      const before = coming.parts;
      try {
        await send(
          parts,
          coming,
          { pinned: chat.isPinned, ...(SEEN.test(title) ? { title } : {}) },
          importId(digest, coming.round),
          halt,
        );
      } catch (thrown) {
        if (Problem.from(thrown).code !== "session_not_found") throw thrown;
        // It was deleted, and comes in anew: unless somebody has deleted it just now.
        const isUnwanted = coming.parts > before;
        coming.parts = 0;
        coming.round += 1;
        if (isUnwanted || coming.round > MOST_ROUNDS) throw thrown;
      }
    }
  }
}

/** Sends what is not there yet. */
async function send(
  parts: Sent[][],
  coming: Coming,
  told: { pinned: boolean; title?: string },
  import_id: string,
  halt: AbortSignal,
): Promise<void> {
  let first = 0;
  for (const [index, messages] of parts.entries()) {
    halt.throwIfAborted();
    if (index >= coming.parts) {
      const body = { import_id, first, messages, ...told };
      await inTurn(() => requestJson<ImportedPart>("/chat/import", { method: "POST", body, signal: halt }), halt);
      coming.parts = index + 1;
    }
    first += messages.length;
  }
  coming.isDone = true;
}

/** A moment that has passed by every clock; the file's own would change with its title, or be none. */
const MOMENT = Date.UTC(2020, 0, 1);

/**
 * A UUIDv7 (RFC 9562, 5.7) that follows from what comes in, so that the same chat has the same in whatever dialog, tab or day: the server makes of it, and
 * of who asks, the ids of the rows. A chat that was deleted keeps its ids for a while: the next round has the next millisecond.
 */
export function importId(digest: string, round: number): string {
  const time = (MOMENT + round).toString(16).padStart(12, "0");
  const tail = `7${digest.slice(0, 3)}-8${digest.slice(3, 6)}-${digest.slice(6, 18)}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${tail}`;
}
