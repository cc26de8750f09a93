/** Reads a whole conversation, page by page. What was read stays, so that a fault, or a change of mind, costs nothing that was there. */
import { requestJson } from "../../api/request.ts";
import type { Message, MessagePage, Session } from "../../api/types.ts";
import { inTurn } from "../copied/inTurn.ts";
import { isRunning } from "./chat.ts";

/** Messages of a page: as many as there are in one. */
const MOST = 100;

export class Reading {
  #session: Session | null = null;
  #messages: Message[] = [];
  /** Before which message it goes on; null: all is read. */
  #before: string | null | undefined;

  constructor(private readonly id: string) {}

  /** All that there is. `onCount` hears how many messages are here; `halt` ends it with its reason. */
  async all(
    onCount: (messages: number) => void,
    halt: AbortSignal,
  ): Promise<{ session: Session; messages: readonly Message[] }> {
    // What was being written may have ended since.
    if (isRunning({ messages: this.#messages })) {
      this.#messages = [];
      this.#before = undefined;
    }
    onCount(this.#messages.length);
    while (!this.#session || this.#before !== null) {
      const query = new URLSearchParams({ limit: String(MOST) });
      if (this.#before) query.set("before", this.#before);
      const path = `/chat/sessions/${encodeURIComponent(this.id)}?${query}`;
      // A very long chat takes more calls than a minute has.
      const page = await inTurn(() => requestJson<MessagePage>(path, { signal: halt }), halt);
      this.#session = this.#before === undefined ? page.session : (this.#session ?? page.session);
      this.#messages = [...page.messages, ...this.#messages];
      this.#before = page.next_before;
      onCount(this.#messages.length);
    }
    return { session: this.#session, messages: this.#messages };
  }
}
