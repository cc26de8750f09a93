/**
 * One conversation: a session or the new chat, not yet a session, with all that this page has of it: the thread, what the visitor writes
 * and sends, and the answer as it streams. It lives on while another one is looked at, so switching sessions does not disturb an answer.
 */
import { batch, computed, signal } from "@preact/signals";
import type { Accepted, Turn } from "../../api/messages.ts";
import { Problem } from "../../api/problem.ts";
import type { MessageStatus, Session } from "../../api/types.ts";
import { announce, announceEnd } from "../announcer.ts";
import { Answering, finish } from "./answering.ts";
import { type Draft, asKept, draftIn } from "./draft.ts";
import { Edits } from "./edits.ts";
import { noteEnd, noteReading, wasLeft } from "./left.ts";
import { LookUp } from "./lookUp.ts";
import { type ShownMessage, update } from "./message.ts";
import { characters } from "../../text/characters.ts";
import { Outbox, type Waiting, foundIn, whenStaying } from "./outbox.ts";
import { askTurn, noteOutcome } from "../refusal.ts";
import { room, waitingIn } from "./room.ts";
import { submitUntilAccepted } from "./submitUntilAccepted.ts";
import { Thread } from "./thread.ts";
import type { OnSession, Way } from "./way.ts";

/** How long Stop waits for an answer to begin, so that the server can be told which one. */
const LONGEST_STOP = 10_000;
/** After how long it is said that the first words are waited for. */
const SILENCE = 1500;

export class Conversation {
  readonly id = signal<string | null>(null);
  readonly thread: Thread;
  /** The branch on screen. */
  readonly messages: Thread["messages"];
  readonly draft: Draft;
  readonly edits: Edits;
  readonly outbox: Outbox;
  /** `sending`: the turn is on its way, but not accepted yet. */
  readonly phase = signal<"idle" | "sending" | "answering" | "stopping">("idle");
  /** Why the turn on its way is sent again in a moment, if it is. */
  readonly delay = signal<Problem | null>(null);
  /** Why the last attempt to send failed. */
  readonly problem = signal<Problem | null>(null);
  /** Until when the last problem forbids another turn, in milliseconds since the epoch by the server's clock. */
  readonly retryAt = computed(() => {
    const last = this.messages.value.at(-1)?.problem.value;
    return Math.max(this.problem.value?.retryAt ?? 0, last?.retryAt ?? 0);
  });
  /** The message beside which something is on its way. */
  readonly actingOn = signal<string | null>(null);
  /** Counts the turns that were accepted, or kept without an answer: the list scrolls to what comes of them. */
  readonly acceptedCount = signal(0);
  /** Whether the page itself has begun the last turn: then it moves no view. */
  isByPage = false;
  /** The visitor's words on their way to the server: they stand in the thread at once, until they are accepted or go back to the field. */
  readonly outgoing = signal<string | null>(null);
  /** What was said and is not on its way: without a connection, and then while something else was under way. */
  readonly waiting = computed(() => [...waitingIn(this), ...this.outbox.waiting.value]);

  /** Why the messages could not be read. */
  #readProblem: Problem | null = null;
  /** Key of the interrupted turn whose text was put back into the field. */
  #shown: string | undefined;
  /** Ends the turn on its way, and the reading of its answer. */
  protected leave = new AbortController();
  /** Ends the turn on its way where the server cannot have it: while something is proved first, or it waits to be sent again. */
  #halt = new AbortController();
  protected answering: Answering | null = null;
  /** A network that cut one stream may cut the next: the next answer is then asked for whole. */
  #wasCut = false;
  readonly #lookUp: LookUp;

  constructor(id: string | null) {
    this.id.value = id;
    this.thread = new Thread(this.id);
    this.messages = this.thread.messages;
    this.#lookUp = new LookUp(this.thread, () => this.phase.value === "idle");
    this.draft = draftIn(id);
    this.edits = new Edits(this.id);
    this.outbox = new Outbox(this.id);
  }

  /** Reads the newest messages, unless they are there already. */
  async read(): Promise<Session | null> {
    try {
      const session = await this.thread.read();
      if (session && this.problem.value === this.#readProblem) this.problem.value = null;
      return session;
    } catch (thrown) {
      this.problem.value = this.#readProblem = Problem.from(thrown);
      this.#showLeft();
      return null;
    }
  }

  /** What was on its way when this tab was left stands in the field as long as nobody can be asked what became of it. */
  #showLeft(): null {
    const { pending } = this.outbox;
    if (!pending?.isOpen || this.phase.value !== "idle" || room.value?.has(pending.key)) return null;
    this.outbox.reject();
    this.#giveBack(pending.turn);
    this.#shown = pending.key;
    return null;
  }

  /** What was on its way when this tab was left, unless the server has it or the visitor has other words by now. */
  takeLeft(): Turn | null {
    const { pending } = this.outbox;
    if (!pending || this.findAccepted()) return null;
    if (this.outbox.isLate) return this.#showLeft();
    return pending.isOpen || (pending.key === this.#shown && this.dispatchDraft(pending.turn)) ? pending.turn : null;
  }

  /** Takes the words of `turn` out of the field, if they are what stands there. */
  dispatchDraft(turn: Turn): boolean {
    if (!this.isDraftOf(turn)) return false;
    this.draft.dispatch(turn.content);
    return true;
  }

  /** Whether the words of `turn`, and no others, stand in the field. */
  isDraftOf(turn: Turn): turn is Turn & { do: "send" } {
    return turn.do === "send" && turn.content === asKept(this.draft.text.value);
  }

  /** The sending of the draft, which leaves the field. Without a connection, and while something else is under way, it waits; the result is null then. */
  takeDraft(): Turn | null {
    if (room.value?.takes(this)) return null;
    // The draft keeps its marks until it has left: who sees it without them puts it in order, and it is another one.
    const content = asKept(this.draft.text.value);
    this.draft.dispatch(content);
    if (this.phase.value === "idle" && !this.outbox.pending?.isOpen) return this.thread.sendingOf(content);
    this.outbox.enqueue(content);
    announce("waits");
    return null;
  }

  /** The sending of what has waited longest, once nothing is under way, and its key. Unless it `mayGo`, all that waits goes back to the field. */
  takeWaiting(mayGo: boolean): { turn: Turn; key: string } | null {
    const [first] = this.outbox.waiting.value;
    if (this.phase.value !== "idle" || !first) return null;
    if (!mayGo) {
      this.#returnWaiting();
      return null;
    }
    this.outbox.take(first.key);
    return { turn: this.thread.sendingOf(first.text), key: first.key };
  }

  /** All that waits goes back to the field. */
  #returnWaiting(): void {
    const { value: waiting } = this.outbox.waiting;
    if (waiting.length === 0) return;
    for (const each of waiting.toReversed()) this.takeBack(each);
    announce("returned");
  }

  /** Takes back what waits: it stands in the field again. */
  takeBack({ key, text }: Waiting): void {
    this.outbox.take(key);
    room.value?.forget(key);
    this.draft.giveBack(text);
  }

  /**
   * Submits a turn, whose text has left its field. Returns how the answer ended, or why there is none; null if the visitor took the turn
   * back or something else is under way: the text is in the field again then.
   */
  async submit(turn: Turn, onSession: OnSession, way: Way = {}): Promise<MessageStatus | Problem | null> {
    if (this.phase.value !== "idle") {
      this.#giveBack(turn);
      return null;
    }
    this.isByPage = way.isByPage ?? false;
    const { target, key, isRepeated, leave, halt } = this.begin(turn, way.key);
    const asked = askTurn();
    const silence = setTimeout(() => announce("thinking"), SILENCE);
    let accepted: Accepted;
    try {
      // What the turn comes after may be on its way here.
      if (await this.thread.whenRead(halt)) this.outbox.placeAfter(this.thread.newest());
      const submission = { stream: !this.#wasCut, key, signal: leave.signal, halt };
      accepted = await submitUntilAccepted(this.id.value, turn, submission, isRepeated, this.delay);
    } catch (thrown) {
      const isTakenBack = leave.signal.aborted || (halt.aborted && thrown === halt.reason);
      const problem = isTakenBack ? null : Problem.from(thrown);
      if (problem) noteOutcome(problem, asked);
      await this.#fail(turn, target, problem, onSession);
      return problem;
    } finally {
      clearTimeout(silence);
    }
    noteOutcome(null, asked);
    const answer = this.#accept(turn, accepted, onSession);
    return this.#receiveAccepted(turn, accepted, answer, leave);
  }

  /** A turn is on its way from now on, and stands in the thread. `leave` ends it, and `halt` where the server cannot have it yet. */
  protected begin(turn: Turn, key?: string) {
    const target = turn.do === "send" ? undefined : this.thread.find(turn.messageId);
    const leave = (this.leave = new AbortController());
    const halt = (this.#halt = new AbortController()).signal;
    const dispatched = this.outbox.dispatch(turn, this.thread.newest(), key);
    batch(() => {
      this.phase.value = "sending";
      this.outgoing.value = turn.do === "send" ? turn.content : null;
      this.actingOn.value = target?.id ?? null;
      this.problem.value = null;
      if (target) target.problem.value = null;
    });
    return { ...dispatched, target, leave, halt };
  }

  /** Resumes the answer on screen that is still being written. Returns how it ended, or null if there is none. */
  async resume(): Promise<MessageStatus | null> {
    const id = this.id.value;
    const answer = this.messages.value.findLast(({ status }) => status.value === "streaming");
    if (id === null || !answer || this.phase.value !== "idle") return null;
    this.leave = new AbortController();
    this.phase.value = "answering";
    return this.#receive(new Answering(id, answer, null, this.leave), answer, null, true);
  }

  /**
   * Ends the answer where it is; the server keeps what was seen. One that has not begun is ended as soon as it has a name, and if that
   * takes too long, the turn is taken back.
   */
  stop(): void {
    if (this.phase.value === "idle") return;
    this.phase.value = "stopping";
    this.#halt.abort();
    if (this.answering) this.answering.stop();
    else {
      const { leave } = this;
      setTimeout(() => this.answering ?? leave.abort(), LONGEST_STOP);
    }
  }

  /** Shows another version of a message: `step` 1 is the next one. */
  turnTo(message: ShownMessage, step: 1 | -1): void {
    const versions = this.thread.versionsOf(message);
    const at = versions.indexOf(message) + step;
    const version = versions[at];
    if (!version) return;
    this.thread.choose(version);
    announce("version", at + 1, versions.length);
    void this.resume();
  }

  /** What came of the turn that this tab submitted last, if the server has it: its words stand in the thread, and not in the field. */
  findAccepted(): ShownMessage | undefined {
    const { pending } = this.outbox;
    const found = pending ? foundIn(pending, this.thread.all) : undefined;
    if (pending && found) this.#resolve(pending.turn);
    return found;
  }

  /** Clears the draft of an accepted turn; if its text was given back to the field, there too. */
  #resolve(turn: Turn): void {
    const { pending } = this.outbox;
    if (pending) room.value?.forget(pending.key);
    this.outbox.resolve();
    if (turn.do === "send") this.draft.clear(turn.content, pending?.isOpen === false);
  }

  /** The new chat has become the session `id`: all that was kept for it belongs there from now on. */
  #adopt(id: string): void {
    if (this.id.peek() !== null) return;
    this.draft.adopt(id);
    this.outbox.adopt(id);
    this.id.value = id;
    room.value?.adopt(id, this.outbox.pending?.key);
  }

  /** The turn was not accepted, because of `problem`; null: the visitor took it back. Its text goes back to the field, unless it was kept all the same. */
  async #fail(turn: Turn, target: ShownMessage | undefined, problem: Problem | null, onSession: OnSession) {
    await whenStaying();
    const { pending } = this.outbox;
    // The server's answer to this key will always be that what it was for is gone.
    if (problem?.code === "gone") this.outbox.resolve();
    else this.outbox.reject();
    batch(() => {
      this.phase.value = "idle";
      this.actingOn.value = null;
      if (problem) (target ?? this).problem.value = problem;
    });
    const isKept = problem ? await this.#keepTogether(turn, problem, onSession) : await this.#stopAccepted();
    if (!isKept && !room.value?.settles(this, pending?.key, problem)) {
      // What was said after it stands after it.
      this.#returnWaiting();
      this.#giveBack(turn);
    }
    if (this.phase.value === "idle") this.outgoing.value = null;
  }

  /**
   * A message may be kept although it was not answered, in a session that was made for it: what is tried next belongs there, and
   * beside that message. Returns whether it was kept.
   */
  async #keepTogether(turn: Turn, problem: Problem, onSession: OnSession): Promise<boolean> {
    const sessionId = problem.sessionId;
    if (!sessionId) return false;
    this.#adopt(sessionId);
    onSession(sessionId, false);
    await this.thread.refresh().catch(() => undefined);
    const kept = this.findAccepted();
    if (!kept) return false;
    if (turn.do === "edit") this.edits.end(turn.messageId);
    this.problem.value = null;
    kept.problem.value = problem;
    // It stands at the end, where a reader further up would not see it.
    this.acceptedCount.value += 1;
    return true;
  }

  /** What was taken back may have reached the server all the same: then its answer is stopped. Returns whether it has. */
  async #stopAccepted(): Promise<boolean> {
    await this.thread.refresh().catch(() => undefined);
    if (!this.findAccepted()) return false;
    const ended = this.resume();
    this.stop();
    await ended;
    return true;
  }

  #giveBack(turn: Turn): void {
    if (turn.do === "send") this.draft.giveBack(turn.content);
  }

  /** The server has accepted the turn. Returns the message that its answer goes into. */
  #accept(turn: Turn, accepted: Accepted, onSession: OnSession): ShownMessage {
    return batch(() => {
      // First of all: other tabs learn where it is.
      if (this.id.value === null) room.value?.adopt(accepted.sessionId, this.outbox.pending?.key);
      this.#resolve(turn);
      if (turn.do === "edit") this.edits.end(turn.messageId);
      this.#adopt(accepted.sessionId);
      if (this.phase.value !== "stopping") this.phase.value = "answering";
      this.outgoing.value = null;
      this.actingOn.value = null;
      const answer = this.thread.addAccepted(turn, accepted);
      this.acceptedCount.value += 1;
      announce("answering");
      onSession(accepted.sessionId, true);
      return answer;
    });
  }

  async #receiveAccepted(
    turn: Turn,
    accepted: Accepted,
    answer: ShownMessage,
    leave: AbortController,
  ): Promise<MessageStatus> {
    if (!(accepted.answer instanceof ReadableStream)) {
      // The next one may be a stream again: one cut does not make a bad network.
      this.#wasCut = false;
      update(answer, accepted.answer.message);
      this.phase.value = "idle";
      announceEnd(answer.status.value);
      return answer.status.value;
    }
    // A replay begins with the message's first word, also where only its rest is wanted.
    const isMore = turn.do === "continue";
    const isRest = isMore && accepted.isReplay;
    if (isRest) await accepted.answer.cancel();
    const charactersBefore = isMore ? (isRest ? null : characters(answer.text.value)) : 0;
    const answering = new Answering(accepted.sessionId, answer, charactersBefore, leave);
    if (this.phase.value === "stopping") answering.stop();
    return this.#receive(answering, answer, isRest ? null : accepted.answer, accepted.isReplay);
  }

  async #receive(
    answering: Answering,
    answer: ShownMessage,
    body: ReadableStream<Uint8Array> | null,
    isRepeated: boolean,
  ): Promise<MessageStatus> {
    this.answering = answering;
    const wasLeftBefore = wasLeft(answer.id);
    noteReading(answer.id);
    const ending = await this.thread.changes.during(answer.id, () => answering.receive(body));
    this.answering = null;
    // An answer that this page did not end, and whose connection held, here and before, was stopped elsewhere.
    if (ending.kind !== "unknown" || !(answering.wasLost || wasLeftBefore)) noteEnd(answer.id);
    this.#wasCut = answering.wasCut;
    // A replay does not tell whether the answer had been stopped.
    const mustAsk = isRepeated || answering.wasCut || ending.kind === "unknown";
    if (mustAsk && !(ending.kind === "done" && !ending.isSaved)) await this.thread.refresh().catch(() => undefined);
    batch(() => {
      this.phase.value = "idle";
      finish(answer, ending);
    });
    if (ending.kind === "error") noteOutcome(ending.problem, askTurn());
    this.#lookUp.watch();
    announceEnd(answer.status.value);
    return answer.status.value;
  }
}
