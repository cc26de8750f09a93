/**
 * One conversation: its messages with all their versions, reading them page by page, asking, and the answer as it streams.
 * It lives on while another one is looked at, so switching sessions does not disturb an answer.
 */
import { batch, computed, signal } from "@preact/signals";
import { type Accepted, type Turn, ask, followAnswer } from "../../api/messages.ts";
import { readAnswer } from "../../api/answer.ts";
import { Problem } from "../../api/problem.ts";
import { serverNow } from "../../api/serverClock.ts";
import { readSession } from "../../api/sessions.ts";
import type { MessageStatus, Session } from "../../api/types.ts";
import { Answering, type Ending } from "./answering.ts";
import { forgetEdit } from "./drafts.ts";
import { noteEnd, noteReading, wasLeft } from "./left.ts";
import { type ShownMessage, begun, characters, take } from "./message.ts";
import { foundIn, pendingOf, setOut, settle, turnBack } from "./pending.ts";
import { Outbox } from "./outbox.ts";
import { load, store } from "../storage.ts";
import { Thread } from "./thread.ts";

/** The first pause before an answer that cannot be followed is looked up, and the longest, in milliseconds. */
const LOOK_UP_AFTER = 1500;
const LOOK_UP_AT_LEAST = 15_000;
/** So often in a row it is looked up without anything new: longer than the server takes to end what is dead. */
const LOOK_UPS = 14;
/** How long Stop waits for an answer to begin, so that the server can be told which one. */
const LONGEST_STOP = 10_000;
/** So often an asking is tried that the server is still busy with. */
const TRIES = 5;

export class Conversation {
  readonly id = signal<string | null>(null);
  readonly #thread = new Thread();
  /** The branch on screen. */
  readonly messages = this.#thread.messages;
  readonly reading = signal<"unread" | "reading" | "read" | "missing" | "failed">("unread");
  /** Where the messages before the first one read begin; null: there are none. */
  readonly earlier = signal<string | null>(null);
  /** `sending`: what was asked for is on its way, but not taken yet. */
  readonly phase = signal<"idle" | "sending" | "answering" | "stopping">("idle");
  /** Why the last attempt to send failed. */
  readonly problem = signal<Problem | null>(null);
  /** Until when the last problem forbids to ask again, in milliseconds since the epoch by the server's clock. */
  readonly #retryAt = computed(() => {
    const last = this.messages.value.at(-1)?.problem.value;
    return Math.max(this.problem.value?.retryAt ?? 0, last?.retryAt ?? 0);
  });
  /** The message beside which something is on its way. */
  readonly acting = signal<string | null>(null);
  /** The visitor's message that is being edited. */
  readonly editing = signal<string | null>(null);
  /** Counts what was taken or kept: whoever asks wants to see what comes of it. */
  readonly taken = signal(0);
  /** The visitor's words on their way to the server: they stand in the thread at once, until they are taken or go back to the field. */
  readonly outgoing = signal<string | null>(null);
  /** What was said while an answer was being written. */
  readonly outbox: Outbox;

  #leave: AbortController | null = null;
  #answering: Answering | null = null;
  #isReadingEarlier = false;
  /** A network that cut one stream may cut the next: the next answer is then asked for whole. */
  #wasCut = false;
  #lookUp: ReturnType<typeof setTimeout> | undefined;

  constructor(id: string | null) {
    this.id.value = id;
    if (id === null) this.reading.value = "read";
    else this.editing.value = load(`editing.${id}`, "tab");
    this.editing.subscribe((message) => {
      if (this.id.peek() !== null) store(`editing.${this.id.peek()}`, message, "tab");
    });
    this.outbox = new Outbox(this.id);
  }

  get retryAt(): number {
    return this.#retryAt.value;
  }

  /** Reads the newest messages, unless they are there already. */
  async read(): Promise<Session | null> {
    const id = this.id.value;
    if (id === null || this.reading.value === "reading" || this.reading.value === "read") return null;
    this.reading.value = "reading";
    try {
      const asked = this.#thread.changes.ask();
      const page = await readSession(id);
      batch(() => {
        this.reading.value = "read";
        this.earlier.value = page.next_before;
        this.#thread.take(page.messages, asked);
      });
      return page.session;
    } catch (thrown) {
      const problem = Problem.from(thrown);
      this.reading.value = problem.status === 404 || problem.status === 400 ? "missing" : "failed";
      if (this.reading.value === "failed") this.problem.value = problem;
      return null;
    }
  }

  /** Reads on before the first message, until there is more of this branch. `beforeChange` is called just before it is put there. */
  async readEarlier(beforeChange: () => void): Promise<void> {
    const [id, before, count] = [this.id.value, this.earlier.value, this.messages.value.length];
    if (id === null || before === null || this.#isReadingEarlier) return;
    this.#isReadingEarlier = true;
    const asked = this.#thread.changes.ask();
    const page = await readSession(id, before).finally(() => (this.#isReadingEarlier = false));
    if (this.earlier.value !== before) return;
    beforeChange();
    batch(() => {
      this.earlier.value = page.next_before;
      this.#thread.take(page.messages, asked);
    });
    if (this.messages.value.length === count) await this.readEarlier(beforeChange);
  }

  /** Reads the newest messages again: other tabs and devices write, too. */
  async refresh(): Promise<void> {
    const id = this.id.value;
    if (id === null || this.reading.value !== "read") return;
    const asked = this.#thread.changes.ask();
    const { messages, next_before } = await readSession(id);
    batch(() => {
      // So much may have been written meanwhile that what lies between is not known: as if it were opened now.
      if (this.#thread.takeNewest(messages, next_before === null, asked)) this.earlier.value = next_before;
    });
  }

  /** All versions of `message`, the oldest first. */
  versionsOf(message: ShownMessage): ShownMessage[] {
    return this.#thread.versionsOf(message);
  }

  /** Shows `version`, and what follows it, instead of its other versions. */
  choose(version: ShownMessage): void {
    this.#thread.choose(version);
  }

  /** The sending of `content` after what is on screen. */
  sendingOf(content: string): Turn {
    const leaf = this.messages.value.at(-1)?.id;
    return { do: "send", content, parentId: leaf !== undefined && leaf !== this.#thread.newest() ? leaf : null };
  }

  /**
   * Asks for an answer. `onAccepted` is called once the server has taken it: not before may a text leave its field.
   * Returns how the answer ended, or why there is none; null if the visitor took it back or something else is under way.
   */
  async ask(turn: Turn, onAccepted: (accepted: Accepted) => void): Promise<MessageStatus | Problem | null> {
    if (this.phase.value !== "idle") return null;
    const place = this.id.value;
    const target = turn.do === "send" ? undefined : this.#thread.find(turn.messageId);
    const before = pendingOf(place);
    const { key } = setOut(place, turn, this.#thread.newest());
    const isRepeated = before?.key === key;
    const leave = (this.#leave = new AbortController());
    batch(() => {
      this.phase.value = "sending";
      this.outgoing.value = turn.do === "send" ? turn.content : null;
      this.acting.value = target?.id ?? null;
      this.problem.value = null;
      if (target) target.problem.value = null;
    });

    let accepted: Accepted;
    try {
      accepted = await this.#untilTaken(turn, key, isRepeated, leave.signal);
    } catch (thrown) {
      const problem = Problem.from(thrown);
      // The server's answer to this key will always be that what it was for is gone.
      if (problem.code === "gone") settle(place);
      else turnBack(place);
      batch(() => {
        this.phase.value = "idle";
        this.acting.value = null;
        if (!leave.signal.aborted) (target ?? this).problem.value = problem;
      });
      return leave.signal.aborted ? null : problem;
    }

    settle(place);
    const { questions, answer } = this.#messagesOf(turn, target, accepted);
    const isMore = turn.do === "continue";
    batch(() => {
      this.id.value = accepted.sessionId;
      this.phase.value = this.#isStopWanted(leave) ? "stopping" : "answering";
      this.outgoing.value = null;
      this.acting.value = null;
      if (turn.do === "edit") this.endEdit(turn.messageId);
      if (!isMore) answer.text.value = "";
      answer.status.value = "streaming";
      answer.isUnsaved.value = false;
      this.#thread.add([...questions, answer]);
      this.taken.value += 1;
      onAccepted(accepted);
    });
    if (!(accepted.answer instanceof ReadableStream)) {
      // The next one may be a stream again: one cut does not make a bad network.
      this.#wasCut = false;
      take(answer, accepted.answer.message);
      this.phase.value = "idle";
      return answer.status.value;
    }
    // What is told again begins with the message's first word, also where only its rest is wanted.
    const isRest = isMore && accepted.isReplay;
    if (isRest) await accepted.answer.cancel();
    const charactersBefore = isMore ? (isRest ? null : characters(answer.text.value)) : 0;
    const answering = new Answering(accepted.sessionId, answer, charactersBefore, leave);
    if (this.#isStopWanted(leave)) answering.stop();
    return this.#receive(answering, answer, isRest ? null : accepted.answer, accepted.isReplay);
  }

  /** Picks up the answer on screen that is still being written. Returns how it ended, or null if there is none. */
  async resume(): Promise<MessageStatus | null> {
    const id = this.id.value;
    const answer = this.messages.value.findLast(({ status }) => status.value === "streaming");
    if (id === null || !answer || this.phase.value !== "idle") return null;
    this.#leave = new AbortController();
    this.phase.value = "answering";
    return this.#receive(new Answering(id, answer, null, this.#leave), answer, null, true);
  }

  /** Ends the answer where it is; the server keeps what was seen. One that has not begun is ended as soon as it has a name, and if that takes too long, what was asked for is taken back. */
  stop(): void {
    if (this.phase.value === "idle") return;
    if (this.phase.value === "answering" || this.phase.value === "sending") this.phase.value = "stopping";
    if (this.#answering) this.#answering.stop();
    else if (this.#leave && !this.#isStopWanted(this.#leave)) {
      const leave = (this.#toStop = this.#leave);
      setTimeout(() => {
        if (this.#leave === leave && !this.#answering) leave.abort();
      }, LONGEST_STOP);
    }
  }

  /** What is to be stopped before it has begun. */
  #toStop: AbortController | null = null;

  #isStopWanted(leave: AbortController): boolean {
    return this.#toStop === leave;
  }

  /** Gives up the edit of a message, or it was sent. */
  endEdit(messageId: string): void {
    if (this.editing.value === messageId) this.editing.value = null;
    forgetEdit(messageId);
  }

  /** Has the server store an answer that it could not store when it ended. */
  async saveAgain(message: ShownMessage): Promise<void> {
    const id = this.id.value;
    if (id === null) return;
    try {
      const { signal } = new AbortController();
      // Being asked for it, the server stores what it still has of it.
      const rest = await followAnswer(id, message.id, { characters: characters(message.text.value) }, signal);
      await readAnswer(rest, () => undefined, signal);
      await this.refresh();
    } catch (thrown) {
      message.problem.value = Problem.from(thrown);
    }
  }

  /** What came of what this tab asked for last, if the server has it. */
  findTaken(): ShownMessage | undefined {
    const pending = pendingOf(this.id.value);
    const found = pending ? foundIn(pending, this.#thread.all) : undefined;
    if (found) settle(this.id.value);
    return found;
  }

  async #untilTaken(turn: Turn, key: string, isRepeated: boolean, signal: AbortSignal): Promise<Accepted> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await ask(this.id.value, turn, { stream: !this.#wasCut, key, signal });
      } catch (thrown) {
        const { code, retryAt } = Problem.from(thrown);
        // The first asking has not come far enough yet to be joined.
        const isUnderWay = isRepeated && code === "generation_in_progress" && retryAt !== undefined;
        if (!isUnderWay || tries === TRIES || signal.aborted) throw thrown;
        await new Promise((resolve) => setTimeout(resolve, retryAt - serverNow()));
      }
    }
  }

  /** The messages that `accepted` is about: those there are, or new ones. */
  #messagesOf(
    turn: Turn,
    target: ShownMessage | undefined,
    { userMessageId, messageId }: Accepted,
  ): { questions: ShownMessage[]; answer: ShownMessage } {
    const answerTo = (parentId: string | null) =>
      this.#thread.find(messageId) ?? begun({ id: messageId, parentId, role: "assistant" }, "", "streaming");
    const say = (parentId: string | null, content: string) => {
      const said =
        this.#thread.find(userMessageId) ?? begun({ id: userMessageId, parentId, role: "user" }, content, "complete");
      return { questions: [said], answer: answerTo(userMessageId) };
    };
    switch (turn.do) {
      case "send":
        return say(turn.parentId ?? this.messages.value.at(-1)?.id ?? null, turn.content);
      case "edit":
        return say(target?.parentId ?? null, turn.content);
      case "regenerate":
        if (target?.role === "user") {
          target.status.value = "complete";
          this.#thread.changes.touch(target.id);
        }
        return { questions: [], answer: answerTo(target?.role === "user" ? target.id : (target?.parentId ?? null)) };
      case "continue":
        return { questions: [], answer: answerTo(target?.parentId ?? null) };
    }
  }

  async #receive(
    answering: Answering,
    answer: ShownMessage,
    body: ReadableStream<Uint8Array> | null,
    isRepeated: boolean,
  ): Promise<MessageStatus> {
    this.#answering = answering;
    const wasLeftBefore = wasLeft(answer.id);
    noteReading(answer.id);
    const ending = await this.#thread.changes.during(answer.id, () => answering.receive(body));
    this.#answering = null;
    // What ends without our doing while nobody was cut off, here or before, was stopped by somebody.
    if (ending.kind !== "unknown" || !(answering.wasLost || wasLeftBefore)) noteEnd(answer.id);
    this.#wasCut = answering.wasCut;
    // A stream that is told again does not tell whether it had been stopped.
    const mustAsk = isRepeated || answering.wasCut || ending.kind === "unknown";
    if (mustAsk && !(ending.kind === "done" && !ending.isSaved)) await this.refresh().catch(() => undefined);
    batch(() => {
      this.phase.value = "idle";
      this.#end(answer, ending);
    });
    this.#watch();
    return answer.status.value;
  }

  #end(answer: ShownMessage, ending: Ending): void {
    if (ending.kind === "stopped" && ending.stored && ending.stored.status !== "streaming") take(answer, ending.stored);
    if (ending.kind === "unknown" || answer.status.value !== "streaming") return;
    if (ending.kind === "done") {
      answer.status.value = ending.early ?? "complete";
      answer.isUnsaved.value = !ending.isSaved;
    } else {
      answer.status.value = ending.kind === "stopped" ? "stopped" : "interrupted";
      // Under words that were read stands that they broke off, not that the model could not say any.
      if (ending.kind === "error" && answer.text.value === "") answer.problem.value = ending.problem;
    }
  }

  /** What is still being written and cannot be followed is looked up, ever less often, until it has ended: the server ends what is dead. If it does not, the page does. */
  #watch(lookUps = 0): void {
    clearTimeout(this.#lookUp);
    const open = this.messages.value.filter(({ status }) => status.value === "streaming");
    if (this.phase.value !== "idle" || open.length === 0) return;
    if (lookUps === LOOK_UPS) {
      for (const { status } of open) status.value = "interrupted";
      return;
    }
    const length = () => open.reduce((sum, { text }) => sum + text.value.length, 0);
    const before = length();
    const pause = Math.min(LOOK_UP_AFTER * 1.5 ** lookUps, LOOK_UP_AT_LEAST);
    this.#lookUp = setTimeout(() => {
      void this.refresh()
        .catch(() => undefined)
        .then(() => this.#watch(length() > before ? 0 : lookUps + 1));
    }, pause);
  }
}
