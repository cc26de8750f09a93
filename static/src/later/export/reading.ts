/** Reads a whole conversation, page by page. What was read stays, so that a fault, or a change of mind, costs nothing that was there. */
import { readSession } from "../../api/sessions.ts";
import type { Message, Session } from "../../api/types.ts";
import { isRunning } from "./chat.ts";

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
      const page = await readSession(this.id, this.#before ?? undefined, halt);
      this.#session = this.#before === undefined ? page.session : (this.#session ?? page.session);
      this.#messages = [...page.messages, ...this.#messages];
      this.#before = page.next_before;
      onCount(this.#messages.length);
    }
    return { session: this.#session, messages: this.#messages };
  }
}
