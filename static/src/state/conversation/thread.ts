/**
 * The messages of one conversation with all their versions, read page by page, and put together from what the server says and what
 * happens here meanwhile.
 */
import { type ReadonlySignal, batch, computed, signal } from "@preact/signals";
import { Problem } from "../../api/problem.ts";
import type { Accepted, Turn } from "../../api/messages.ts";
import { readSession } from "../../api/sessions.ts";
import type { Message, Session } from "../../api/types.ts";
import { Changes } from "../changes.ts";
import { type Choices, branch, versionsOf } from "./branches.ts";
import { type ShownMessage, newMessage, shown, update } from "./message.ts";

/** How long `whenRead` waits, in milliseconds. */
const LONGEST_READ = 10_000;

export class Thread {
  readonly reading = signal<"unread" | "reading" | "read" | "missing" | "failed">("unread");
  /** Where the messages before the first one read begin; null: there are none. */
  readonly earlier = signal<string | null>(null);
  readonly #all = signal<ShownMessage[]>([]);
  readonly #choices = signal<Choices>(new Map());
  /** The branch on screen. */
  readonly messages = computed(() => branch(this.#all.value, this.#choices.value));
  /** What the visitor does here is newer than what was asked for before. */
  readonly changes = new Changes();
  #readingEarlier: Promise<void> | null = null;
  #read: Promise<unknown> = Promise.resolve();

  constructor(private readonly id: ReadonlySignal<string | null>) {
    if (id.peek() === null) this.reading.value = "read";
  }

  /** Reads the newest messages, unless they are here already. Throws the problem if they cannot be read; a missing session is no problem. */
  async read(): Promise<Session | null> {
    const id = this.id.value;
    if (id === null || this.reading.value === "reading" || this.reading.value === "read") return null;
    const reading = this.#readNewest(id);
    this.#read = reading.catch(() => undefined);
    return reading;
  }

  /** Waits for the newest messages if they are being read, but not for ever; `halt` ends it with its reason. Says whether there was anything to wait for. */
  async whenRead(halt: AbortSignal): Promise<boolean> {
    if (this.reading.value !== "reading") return false;
    const halted = new Promise((_, reject) => {
      halt.addEventListener("abort", () => reject(halt.reason as Error));
    });
    await Promise.race([this.#read, halted, new Promise((resolve) => setTimeout(resolve, LONGEST_READ))]);
    return true;
  }

  async #readNewest(id: string): Promise<Session | null> {
    this.reading.value = "reading";
    try {
      const asked = this.changes.ask();
      const page = await readSession(id);
      batch(() => {
        this.reading.value = "read";
        this.earlier.value = page.next_before;
        this.merge(page.messages, asked);
      });
      return page.session;
    } catch (thrown) {
      const problem = Problem.from(thrown);
      // Only our own API knows what there is.
      const isMissing = problem.code === "session_not_found" || (problem.isOurs && problem.status === 400);
      this.reading.value = isMissing ? "missing" : "failed";
      if (this.reading.value === "failed") throw problem;
      return null;
    }
  }

  /**
   * Reads what is before the first message, until there is more of this branch. `beforeChange` is called just before it is put there.
   * A read that is under way is waited for.
   */
  readEarlier(beforeChange: () => void): Promise<void> {
    this.#readingEarlier ??= this.#readEarlier(beforeChange).finally(() => (this.#readingEarlier = null));
    return this.#readingEarlier;
  }

  async #readEarlier(beforeChange: () => void): Promise<void> {
    const [id, before, count] = [this.id.value, this.earlier.value, this.messages.value.length];
    if (id === null || before === null) return;
    const asked = this.changes.ask();
    const page = await readSession(id, before);
    if (this.earlier.value !== before) return;
    beforeChange();
    batch(() => {
      this.earlier.value = page.next_before;
      this.merge(page.messages, asked);
    });
    if (this.messages.value.length === count) await this.#readEarlier(beforeChange);
  }

  /** Reads the newest messages again: other tabs and devices write, too. */
  async refresh(): Promise<void> {
    const id = this.id.value;
    if (id === null || this.reading.value !== "read") return;
    const asked = this.changes.ask();
    const { messages, next_before } = await readSession(id);
    batch(() => {
      // The messages between may be unknown if many were written meanwhile: as if the session were opened now.
      if (this.mergeNewest(messages, next_before === null, asked)) this.earlier.value = next_before;
    });
  }

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

  /** The sending of `content` after what is on screen. */
  sendingOf(content: string): Turn {
    const leaf = this.messages.value.at(-1)?.id;
    return { do: "send", content, parentId: leaf !== undefined && leaf !== this.newest() ? leaf : null };
  }

  /** Puts the messages of a turn that the server has accepted into the thread: those there are, or new ones. Returns the answer. */
  addAccepted(turn: Turn, { userMessageId, messageId, head }: Accepted): ShownMessage {
    const target = turn.do === "send" ? undefined : this.find(turn.messageId);
    let parentId =
      turn.do === "send" ? (turn.parentId ?? this.messages.value.at(-1)?.id ?? null) : (target?.parentId ?? null);
    const added: ShownMessage[] = [];
    if ("content" in turn) {
      const fixed = { id: userMessageId, parentId, role: "user" as const };
      added.push(this.find(userMessageId) ?? newMessage(fixed, turn.content, "complete"));
      parentId = userMessageId;
    } else if (turn.do === "regenerate" && target?.role === "user") {
      target.status.value = "complete";
      this.changes.touch(target.id);
      parentId = target.id;
    }
    const answer = this.find(messageId) ?? newMessage({ id: messageId, parentId, role: "assistant" }, "", "streaming");
    if (turn.do !== "continue") answer.text.value = "";
    answer.status.value = "streaming";
    answer.isUnsaved.value = false;
    answer.head = head;
    this.add([...added, answer]);
    return answer;
  }

  /** Puts what was submitted here into the thread, and shows it instead of its other versions. */
  add(messages: readonly ShownMessage[]): void {
    for (const { id } of messages) this.changes.touch(id);
    this.#put(messages);
    const parents = new Set(messages.map(({ parentId }) => parentId));
    this.#choices.value = new Map([...this.#choices.value].filter(([parent]) => !parents.has(parent)));
  }

  /** Merges what was asked for at `asked`, but for what has changed here since. */
  merge(messages: readonly Message[], asked: number): void {
    const fresh: ShownMessage[] = [];
    for (const message of messages) {
      const present = this.find(message.id);
      // A parent never changes; what stood here was a guess while not all messages were known.
      if (present) present.parentId = message.parent_id;
      if (!this.changes.accepts(message.id, asked)) continue;
      if (present) update(present, message);
      else fresh.push(shown(message));
    }
    this.#put(fresh);
  }

  /**
   * Like `merge`, where `messages` are the newest that there are, the oldest of them first, and all that there are if `isAll`: what is not
   * among them, such as an answer that never began, is gone. Says whether they do not join on to what is here.
   */
  mergeNewest(messages: readonly Message[], isAll: boolean, asked: number): boolean {
    const known = new Set(this.#all.value.map(({ id }) => id));
    const isApart = !messages.some(({ id }) => known.has(id));
    const from = isApart || isAll ? "" : (messages[0]?.id ?? "");
    const named = new Set(messages.map(({ id }) => id));
    this.#all.value = this.#all.value.filter(
      ({ id, isUnsaved }) => id < from || named.has(id) || isUnsaved.value || !this.changes.accepts(id, asked),
    );
    this.merge(messages, asked);
    return isApart;
  }

  #put(messages: readonly ShownMessage[]): void {
    const all = new Map([...this.#all.value, ...messages].map((message) => [message.id, message]));
    this.#all.value = [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
