/** A file of chats, as the worker reads it. */
import { notLoaded } from "../../browser/lazily.ts";
import { trustedAddress } from "../../browser/trusted.ts";
import type { ChatParts, Offered, Order, Reply } from "./reader.ts";
import reader from "./reader.ts?worker&url";

const address = trustedAddress("reader", reader);

/** Why a file cannot be read. */
export class NotRead extends Error {
  constructor(readonly why: "too_large" | "no_chats" | "not_loaded") {
    super(why);
  }
}

/** The chats of a file, without their texts, which stay in the worker until `close`. */
export class ChatFile {
  #worker = new Worker(address, { type: "module" });
  #isClosed = false;

  async chats(file: File): Promise<{ chats: Offered[]; tooLong: number }> {
    const reply = await this.#ask({ file });
    if (reply.kind === "failed") throw new NotRead(reply.why);
    if (reply.kind !== "chats") throw new NotRead("no_chats");
    return reply;
  }

  /** The messages of one chat, in the parts that the API takes. */
  async parts(chat: Offered): Promise<ChatParts> {
    const reply = await this.#ask({ parts: chat.index });
    if (reply.kind !== "parts") throw new NotRead("no_chats");
    return reply;
  }

  close(): void {
    this.#isClosed = true;
    this.#worker.terminate();
  }

  /** One question at a time. */
  #ask(order: Order): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => resolve(data);
      this.#worker.onerror = () => {
        if (!this.#isClosed) void notLoaded(reader);
        reject(new NotRead("not_loaded"));
      };
      this.#worker.postMessage(order);
    });
  }
}
