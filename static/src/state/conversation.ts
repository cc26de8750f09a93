/**
 * One conversation: its messages with all their versions, reading them page by page, asking, and the answer as it streams.
 * It lives on while another one is looked at, so switching sessions does not disturb an answer.
 */
import { batch, computed, signal } from "@preact/signals";
import { type Accepted, type Turn, ask, followAnswer } from "../api/messages.ts";
import { readAnswer } from "../api/answer.ts";
import { Problem } from "../api/problem.ts";
import { readSession } from "../api/sessions.ts";
import type { MessageStatus, Session } from "../api/types.ts";
import { Answering, type Ending } from "./answering.ts";
import { type Choices, branch, versionsOf } from "./branches.ts";
import { type ShownMessage, begun, characters, shown, take } from "./message.ts";
import { foundIn, pendingOf, setOut, settle, turnBack } from "./pending.ts";
import { noteAllowances } from "./quota.ts";
import { Outbox } from "./outbox.ts";

/** How often an answer that cannot be followed is looked up. */
const LOOK_UP_EVERY = 1500;
/** So often an asking is tried that the server is still busy with. */
const TRIES = 5;

export class Conversation {
  readonly id = signal<string | null>(null);
  readonly #all = signal<ShownMessage[]>([]);
  readonly #choices = signal<Choices>(new Map());
  /** The branch on screen. */
  readonly messages = computed(() => branch(this.#all.value, this.#choices.value));
  readonly reading = signal<"unread" | "reading" | "read" | "missing" | "failed">("unread");
  /** Where the messages before the first one read begin; null: there are none. */
  readonly earlier = signal<string | null>(null);
  /** `sending`: what was asked for is on its way, but not taken yet. */
  readonly phase = signal<"idle" | "sending" | "answering" | "stopping">("idle");
  /** Why the last attempt to send failed. */
  readonly problem = signal<Problem | null>(null);
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
    this.outbox = new Outbox(this.id);
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
        this.#put(page.messages.map(shown));
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
    const page = await readSession(id, before).finally(() => (this.#isReadingEarlier = false));
    if (this.earlier.value !== before) return;
    beforeChange();
    batch(() => {
      this.earlier.value = page.next_before;
      this.#put(page.messages.map(shown));
    });
    if (this.messages.value.length === count) await this.readEarlier(beforeChange);
  }

  /** Reads the newest messages again: other tabs and devices write, too. */
  async refresh(): Promise<void> {
    const id = this.id.value;
    if (id === null || this.reading.value !== "read") return;
    const { messages, next_before } = await readSession(id);
    batch(() => {
      const known = new Map(this.#all.value.map((message) => [message.id, message]));
      if (!messages.some((message) => known.has(message.id))) {
        // So much was written meanwhile that what lies between is not known: as if it were opened now.
        this.#all.value = [];
        this.earlier.value = next_before;
      }
      for (const message of messages) {
        const present = known.get(message.id);
        if (present) take(present, message);
      }
      this.#put(messages.filter(({ id }) => !known.has(id)).map(shown));
    });
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
    return { do: "send", content, parentId: leaf !== undefined && leaf !== this.#newest() ? leaf : null };
  }

  /**
   * Asks for an answer. `onAccepted` is called once the server has taken it: not before may a text leave its field.
   * Returns how the answer ended, or why there is none; null if the visitor took it back or something else is under way.
   */
  async ask(turn: Turn, onAccepted: (accepted: Accepted) => void): Promise<MessageStatus | Problem | null> {
    if (this.phase.value !== "idle") return null;
    const place = this.id.value;
    const target = turn.do === "send" ? undefined : this.#find(turn.messageId);
    const before = pendingOf(place);
    const { key } = setOut(place, turn, this.#newest());
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
      turnBack(place);
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
      this.phase.value = "answering";
      this.outgoing.value = null;
      this.acting.value = null;
      if (turn.do === "edit") this.editing.value = null;
      if (!isMore) answer.text.value = "";
      answer.status.value = "streaming";
      answer.isUnsaved.value = false;
      this.#put([...questions, answer]);
      this.#choices.value = new Map(
        [...this.#choices.value].filter(([parent]) => ![...questions, answer].some((one) => one.parentId === parent)),
      );
      this.taken.value += 1;
      noteAllowances(accepted.allowances);
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

  /** Ends the answer where it is; the server keeps what was seen. Before it began, takes what was asked for back. */
  stop(): void {
    if (this.#answering) {
      this.phase.value = "stopping";
      this.#answering.stop();
    } else if (this.phase.value === "sending") this.#leave?.abort();
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
    const found = pending ? foundIn(pending, this.#all.value) : undefined;
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
        await new Promise((resolve) => setTimeout(resolve, retryAt - Date.now()));
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
      this.#find(messageId) ?? begun({ id: messageId, parentId, role: "assistant" }, "", "streaming");
    const say = (parentId: string | null, content: string) => {
      const said =
        this.#find(userMessageId) ?? begun({ id: userMessageId, parentId, role: "user" }, content, "complete");
      return { questions: [said], answer: answerTo(userMessageId) };
    };
    switch (turn.do) {
      case "send":
        return say(turn.parentId ?? this.messages.value.at(-1)?.id ?? null, turn.content);
      case "edit":
        return say(target?.parentId ?? null, turn.content);
      case "regenerate":
        if (target?.role === "user") target.status.value = "complete";
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
    const ending = await answering.receive(body);
    this.#answering = null;
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
      answer.status.value = "complete";
      answer.isUnsaved.value = !ending.isSaved;
    } else {
      answer.status.value = ending.kind === "stopped" ? "stopped" : "interrupted";
      if (ending.kind === "error") answer.problem.value = ending.problem;
    }
  }

  /** What is still being written and cannot be followed is looked up until it has ended: the server ends what is dead. */
  #watch(): void {
    clearTimeout(this.#lookUp);
    const isOpen = ({ status }: ShownMessage) => status.value === "streaming";
    if (this.phase.value !== "idle" || !this.messages.value.some(isOpen)) return;
    this.#lookUp = setTimeout(() => {
      void this.refresh()
        .catch(() => undefined)
        .then(() => this.#watch());
    }, LOOK_UP_EVERY);
  }

  #put(messages: readonly ShownMessage[]): void {
    const all = new Map([...this.#all.value, ...messages].map((message) => [message.id, message]));
    this.#all.value = [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #find(id: string): ShownMessage | undefined {
    return this.#all.value.find((message) => message.id === id);
  }

  /** The id of the newest message, whichever branch it is on. */
  #newest(): string {
    return this.#all.value.at(-1)?.id ?? "";
  }
}
