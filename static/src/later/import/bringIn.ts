/** Brings chats in, part by part. One that broke off goes on where it was. */
import { Problem } from "../../api/problem.ts";
import { requestJson } from "../../api/request.ts";
import { serverNow } from "../../api/serverClock.ts";
import type { ImportedPart } from "../../api/types.ts";
import { inTurn } from "../copied/inTurn.ts";
import { SEEN } from "./chat.ts";
import type { ChatFile } from "./file.ts";
import type { Offered } from "./reader.ts";

/** A title's characters, at most. */
const MOST_TITLE = 255;

/** What keeps the other chats out as well. */
const FOR_ALL = new Set<string | undefined>(["rate_limited", "storage_full", "too_many_sessions"]);

/** One chat on its way in. */
interface Coming {
  id: string;
  /** Parts that are there. */
  parts: number;
  isDone: boolean;
}

/** Chats of one file on their way in. What was brought in stays known, so that another try does not bring it in twice. */
export class BringingIn {
  #file: ChatFile;
  #coming = new Map<number, Coming>();

  constructor(file: ChatFile) {
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
    const coming = this.#coming.get(chat.index) ?? { id: importId(), parts: 0, isDone: false };
    this.#coming.set(chat.index, coming);
    const title = Array.from(chat.title.toWellFormed().replace(/\p{C}/gu, " ").trim()).slice(0, MOST_TITLE).join("");
    let first = 0;
    for (const [index, messages] of (await this.#file.parts(chat)).entries()) {
      halt.throwIfAborted();
      if (index >= coming.parts) {
        const pinned = chat.isPinned;
        const body = { import_id: coming.id, pinned, first, messages, ...(SEEN.test(title) ? { title } : {}) };
        const send = () => requestJson<ImportedPart>("/chat/import", { method: "POST", body, signal: halt });
        await inTurn(send, halt).catch((thrown: unknown) => {
          // It was deleted meanwhile, or is somebody else's now: another try is another chat.
          if (Problem.from(thrown).code === "session_not_found") this.#coming.delete(chat.index);
          throw thrown;
        });
        coming.parts = index + 1;
      }
      first += messages.length;
    }
    coming.isDone = true;
  }
}

/** A UUIDv7 of the server's clock: RFC 9562, 5.7. */
function importId(): string {
  const time = Math.floor(serverNow()).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}
