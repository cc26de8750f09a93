/** The messages of one conversation with all their versions, put together from what the server says and what happens here meanwhile. */
import { computed, signal } from "@preact/signals";
import type { Message } from "../../api/types.ts";
import { type Choices, branch, versionsOf } from "./branches.ts";
import { Changes } from "../changes.ts";
import { type ShownMessage, shown, take } from "./message.ts";

export class Thread {
  readonly #all = signal<ShownMessage[]>([]);
  readonly #choices = signal<Choices>(new Map());
  /** The branch on screen. */
  readonly messages = computed(() => branch(this.#all.value, this.#choices.value));
  /** What the visitor does here is newer than what was asked for before. */
  readonly changes = new Changes();

  get all(): readonly ShownMessage[] {
    return this.#all.value;
  }

  find(id: string): ShownMessage | undefined {
    return this.#all.value.find((message) => message.id === id);
  }

  /** The id of the newest message, whichever branch it is on. */
  newest(): string {
    return this.#all.value.at(-1)?.id ?? "";
  }

  /** All versions of `message`, the oldest first. */
  versionsOf(message: ShownMessage): ShownMessage[] {
    return versionsOf(this.#all.value, message);
  }

  /** Shows `version`, and what follows it, instead of its other versions. */
  choose({ id, parentId }: ShownMessage): void {
    this.#choices.value = new Map(this.#choices.value).set(parentId, id);
  }

  /** Puts what was asked for here into the thread, and shows it instead of its other versions. */
  add(messages: readonly ShownMessage[]): void {
    for (const { id } of messages) this.changes.touch(id);
    this.#put(messages);
    const parents = new Set(messages.map(({ parentId }) => parentId));
    this.#choices.value = new Map([...this.#choices.value].filter(([parent]) => !parents.has(parent)));
  }

  /** Takes what was asked for at `asked`, but for what has changed here since. */
  take(messages: readonly Message[], asked: number): void {
    const fresh: ShownMessage[] = [];
    for (const message of messages) {
      if (!this.changes.accepts(message.id, asked)) continue;
      const present = this.find(message.id);
      if (present) take(present, message);
      else fresh.push(shown(message));
    }
    this.#put(fresh);
  }

  /**
   * Like `take`, where `messages` are the newest that there are, the oldest of them first, and all that there are if `isAll`: what is not
   * among them, such as an answer that never began, is gone. Says whether they do not join on to what is here.
   */
  takeNewest(messages: readonly Message[], isAll: boolean, asked: number): boolean {
    const known = new Set(this.#all.value.map(({ id }) => id));
    const isApart = !messages.some(({ id }) => known.has(id));
    const from = isApart || isAll ? "" : (messages[0]?.id ?? "");
    const named = new Set(messages.map(({ id }) => id));
    this.#all.value = this.#all.value.filter(
      ({ id, isUnsaved }) => id < from || named.has(id) || isUnsaved.value || !this.changes.accepts(id, asked),
    );
    this.take(messages, asked);
    return isApart;
  }

  #put(messages: readonly ShownMessage[]): void {
    const all = new Map([...this.#all.value, ...messages].map((message) => [message.id, message]));
    this.#all.value = [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
