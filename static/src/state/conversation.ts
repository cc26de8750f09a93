/**
 * One conversation: its messages, reading them page by page, sending, and the answer as it streams.
 * It lives on while another one is looked at, so switching sessions does not disturb an answer.
 */
import { batch, signal } from "@preact/signals";
import { type AnswerEnd, readAnswer } from "../api/answer.ts";
import { type Accepted, sendMessage } from "../api/messages.ts";
import { Problem } from "../api/problem.ts";
import { readSession } from "../api/sessions.ts";
import type { Message, PlainAnswer, Session } from "../api/types.ts";
import { type ShownMessage, begun, shown } from "./message.ts";
import { PacedText } from "./paced.ts";
import { noteAllowances } from "./quota.ts";

/** How often an answer that another page is receiving is looked up. */
const LOOK_UP_EVERY = 1500;

export class Conversation {
  readonly id = signal<string | null>(null);
  readonly messages = signal<ShownMessage[]>([]);
  readonly reading = signal<"unread" | "reading" | "read" | "missing" | "failed">("unread");
  /** Where the messages before the first shown one begin; null: there are none. */
  readonly earlier = signal<string | null>(null);
  /** `sending`: the text is on its way, but not taken yet. */
  readonly phase = signal<"idle" | "sending" | "answering">("idle");
  /** Why the last attempt to send failed. */
  readonly problem = signal<Problem | null>(null);

  #stop: AbortController | null = null;
  #isReadingEarlier = false;
  /** A network that cut one stream may cut the next: the next answer is then asked for whole. */
  #wasCut = false;
  #lookUp: ReturnType<typeof setTimeout> | undefined;

  constructor(id: string | null) {
    this.id.value = id;
    if (id === null) this.reading.value = "read";
  }

  /** Reads the newest messages, unless they are there already. */
  async read(): Promise<Session | null> {
    const id = this.id.value;
    if (id === null || this.reading.value === "reading" || this.reading.value === "read") return null;
    this.reading.value = "reading";
    try {
      const page = await readSession(id);
      batch(() => {
        this.reading.value = "read";
        this.earlier.value = page.next_before;
        this.messages.value = page.messages.map(shown);
      });
      this.#watchForeignAnswer();
      return page.session;
    } catch (thrown) {
      const problem = Problem.from(thrown);
      this.reading.value = problem.status === 404 || problem.status === 400 ? "missing" : "failed";
      if (this.reading.value === "failed") this.problem.value = problem;
      return null;
    }
  }

  /** Reads the page before the first message. `beforeChange` is called just before it is put there. */
  async readEarlier(beforeChange: () => void): Promise<void> {
    const [id, before] = [this.id.value, this.earlier.value];
    if (id === null || before === null || this.#isReadingEarlier) return;
    this.#isReadingEarlier = true;
    const page = await readSession(id, before).finally(() => (this.#isReadingEarlier = false));
    if (this.earlier.value !== before) return;
    beforeChange();
    batch(() => {
      this.earlier.value = page.next_before;
      this.messages.value = [...page.messages.map(shown), ...this.messages.value];
    });
  }

  /**
   * Sends `text`. `onAccepted` is called once the server has taken it: not before may the text leave the composer.
   * Returns how the answer ended, or null if the text was not taken (`problem` says why).
   */
  async send(text: string, onAccepted: (accepted: Accepted) => void): Promise<AnswerEnd | { kind: "stopped" } | null> {
    if (this.phase.value !== "idle") return null;
    const stop = new AbortController();
    this.#stop = stop;
    this.phase.value = "sending";
    this.problem.value = null;

    let accepted: Accepted;
    try {
      accepted = await sendMessage(this.id.value, text, !this.#wasCut, stop.signal);
    } catch (thrown) {
      this.phase.value = "idle";
      if (!stop.signal.aborted) this.problem.value = Problem.from(thrown);
      return null;
    }

    const answer = begun(accepted.messageId, "assistant", "", "streaming");
    batch(() => {
      this.id.value = accepted.sessionId;
      this.phase.value = "answering";
      this.messages.value = [...this.messages.value, begun(accepted.userMessageId, "user", text, "complete"), answer];
      noteAllowances(accepted.allowances);
      onAccepted(accepted);
    });
    return this.#receive(accepted, answer, stop.signal);
  }

  /** Ends the answer where it is; the server keeps what had arrived. Before it began, takes the message back. */
  stop(): void {
    this.#stop?.abort();
  }

  async #receive(
    accepted: Accepted,
    answer: ShownMessage,
    signal: AbortSignal,
  ): Promise<AnswerEnd | { kind: "stopped" }> {
    const paced = new PacedText((text) => (answer.text.value += text));
    let end: AnswerEnd | { kind: "stopped" };
    try {
      if (accepted.answer instanceof ReadableStream)
        end = await readAnswer(accepted.answer, (text) => paced.add(text), signal);
      else end = this.#takeWhole(accepted.answer, answer);
    } catch {
      end = { kind: "stopped" };
    }
    this.#wasCut = end.kind === "cut";
    batch(() => {
      paced.flush();
      this.phase.value = "idle";
      answer.status.value = end.kind === "done" ? "complete" : end.kind === "stopped" ? "stopped" : "interrupted";
      if (end.kind === "error") answer.problem.value = end.problem;
      if (end.kind === "cut") answer.problem.value = new Problem({ code: "cut" });
    });
    return end;
  }

  /** An answer that came in one piece. */
  #takeWhole({ message }: PlainAnswer, answer: ShownMessage): AnswerEnd {
    answer.text.value = message.content;
    return { kind: "done" };
  }

  /** A message read as `streaming` is being received elsewhere, or was by this page before a reload. */
  #watchForeignAnswer(): void {
    clearTimeout(this.#lookUp);
    const waits = this.messages.value.some((message) => message.status.value === "streaming" && !message.isOurs);
    if (waits) this.#lookUp = setTimeout(() => void this.#lookUpAnswer(), LOOK_UP_EVERY);
  }

  async #lookUpAnswer(): Promise<void> {
    const id = this.id.value;
    if (id === null) return;
    try {
      const page = await readSession(id);
      this.#takeNews(page.messages);
    } catch {
      // Tried again at the next look; the message keeps saying that it is still coming.
    }
    this.#watchForeignAnswer();
  }

  #takeNews(news: Message[]): void {
    const byId = new Map(news.map((message) => [message.id, message]));
    batch(() => {
      for (const message of this.messages.value) {
        const newer = byId.get(message.id);
        if (!newer || message.isOurs) continue;
        message.text.value = newer.content;
        message.status.value = newer.status;
      }
    });
  }
}
