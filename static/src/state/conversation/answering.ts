/** One answer coming in: its text goes into the message, also across cuts of the connection, until it has ended or the visitor stops it. */
import { type AnswerEnd, readAnswer } from "../../api/answer.ts";
import { serverNow } from "../../api/serverClock.ts";
import { followAnswer, stopAnswer } from "../../api/messages.ts";
import { Problem } from "../../api/problem.ts";
import type { Message } from "../../api/types.ts";
import { whenOnline } from "../connection.ts";
import { type ShownMessage, update } from "./message.ts";
import { characters } from "../../text/characters.ts";
import { PacedText } from "./paced.ts";

/** How many times in a row the rest is asked for without any of it coming. */
const TRIES = 4;
/** The pause before the second of them, in milliseconds; it doubles. */
const PAUSE = 500;
/** The longest pause, in milliseconds, whatever the server asks for. */
const LONGEST_PAUSE = 30_000;

export type Ending =
  | Exclude<AnswerEnd, { kind: "cut" }>
  /** `stored`: the message as the server keeps it, if it said so. */
  | { kind: "stopped"; stored: Message | null }
  /** It cannot be followed; what became of it is for the session to say. */
  | { kind: "unknown" };

/** How long a wish to stop has on its way before the connection is closed, in milliseconds. */
const WISH_FIRST = 300;

export class Answering {
  /** Whether it did not come in one piece. */
  wasCut = false;
  /** Whether the connection broke in between; else it was the server that ended it. */
  wasLost = false;
  #lastEvent: string | undefined;
  #received = 0;
  #stopping: Promise<Message | null> | null = null;
  readonly #paced = new PacedText((text) => (this.message.text.value += text));

  /**
   * `charactersBefore`: how much of the message's text is older than this run of the model; null: that is not known.
   * Aborting `leave` ends the stream for this page only.
   */
  constructor(
    private readonly sessionId: string,
    private readonly message: ShownMessage,
    private readonly charactersBefore: number | null,
    private readonly leave: AbortController,
  ) {}

  /** Without a `body` the answer is resumed where its text ends. */
  async receive(body: ReadableStream<Uint8Array> | null): Promise<Ending> {
    this.message.stream.value = "live";
    const ending = await this.#readAll(body);
    this.#paced.flush();
    this.message.stream.value = "none";
    return this.#stopping ? { kind: "stopped", stored: await this.#stopping } : ending;
  }

  /** Ends the answer for good. What the visitor has seen until now is what is kept. */
  stop(): void {
    this.#stopping ??= this.#stop();
  }

  async #stop(): Promise<Message | null> {
    this.#paced.flush();
    const before = this.charactersBefore;
    const seen = before === null ? null : characters(this.message.text.value) - before;
    const stopping = stopAnswer(this.sessionId, this.message.id, seen).catch(() => null);
    // The server hears of a wish within seconds, and of a reader who leaves at once. By then it should find the wish, which says what was seen.
    const leaving = setTimeout(() => this.leave.abort(), WISH_FIRST);
    const stored = await stopping;
    clearTimeout(leaving);
    this.leave.abort();
    return stored;
  }

  async #readAll(body: ReadableStream<Uint8Array> | null): Promise<Ending> {
    const { signal } = this.leave;
    let next = body;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const [before, isFirst] = [this.#received, next !== null];
      let retryAt = 0;
      try {
        next ??= await this.#follow();
        this.message.stream.value = "live";
        // The first stream is the model's own, and so are its ids.
        const end = await readAnswer(next, (text, event) => this.#take(text, isFirst ? undefined : event), signal);
        if (end.kind !== "cut") return end;
        this.wasLost ||= !end.inOrder;
        // A resumed stream ends without an end event if the answer was stopped, or died.
        if (!isFirst && end.inOrder) return { kind: "unknown" };
      } catch (thrown) {
        const problem = Problem.from(thrown);
        if (!mayFollow(problem)) return { kind: "unknown" };
        retryAt = problem.retryAt ?? 0;
      }
      if (this.#stopping || signal.aborted) return { kind: "stopped", stored: null };
      next = null;
      this.wasCut = true;
      this.message.stream.value = "lost";
      if (this.#received > before) tries = 0;
      const pause = Math.max(tries > 0 ? PAUSE * 2 ** (tries - 1) : 0, retryAt - serverNow());
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(pause, LONGEST_PAUSE)));
      await whenOnline(signal);
    }
    return { kind: "unknown" };
  }

  #follow(): Promise<ReadableStream<Uint8Array>> {
    this.#paced.flush();
    const after =
      this.#lastEvent === undefined ? { characters: characters(this.message.text.value) } : { event: this.#lastEvent };
    return followAnswer(this.sessionId, this.message.id, after, this.leave.signal);
  }

  #take(text: string, event: string | undefined): void {
    if (this.#stopping) return;
    this.#received += text.length;
    this.#lastEvent = event;
    this.#paced.add(text);
  }
}

/** Gives `message` the state that `ending` leaves it in, unless the server has said it already. */
export function finish(message: ShownMessage, ending: Ending): void {
  if (ending.kind === "stopped" && ending.stored && ending.stored.status !== "streaming")
    update(message, ending.stored);
  if (ending.kind === "unknown" || message.status.value !== "streaming") return;
  if (ending.kind === "done") {
    message.status.value = ending.early ?? "complete";
    message.isUnsaved.value = !ending.isSaved;
  } else {
    message.status.value = ending.kind === "stopped" ? "stopped" : "interrupted";
    // Under words that were read stands that they broke off, not that the model could not say any.
    if (ending.kind === "error" && message.text.value === "") message.problem.value = ending.problem;
  }
}

/** Whether asking for the rest once more can help. */
function mayFollow({ status, mayRetry }: Problem): boolean {
  return mayRetry && (status === undefined || status >= 500 || status === 429);
}
