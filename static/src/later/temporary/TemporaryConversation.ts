/**
 * A chat of which nothing is kept: its messages live in this tab. It looks like any other conversation to the page; what it sends, and how it picks an
 * answer up, is its own.
 */
import { batch } from "@preact/signals";
import { claimsOf } from "../../api/claims.ts";
import { TEMPORARY, type Turn } from "../../api/messages.ts";
import { Problem } from "../../api/problem.ts";
import { keptToken } from "../../api/token.ts";
import { announce, announceEnd } from "../../state/announcer.ts";
import { Answering, finish } from "../../state/conversation/answering.ts";
import { Conversation } from "../../state/conversation/conversation.ts";
import { asKept, draftFor } from "../../state/conversation/draft.ts";
import type { ShownMessage } from "../../state/conversation/message.ts";
import { whenStaying } from "../../state/conversation/outbox.ts";
import { choice } from "../../state/conversations.ts";
import { askTurn, noteOutcome } from "../../state/refusal.ts";
import { store } from "../../state/storage.ts";
import { ask, context } from "./calls.ts";
import { keep } from "./kept.ts";
import { words } from "./strings.ts";

export class TemporaryConversation extends Conversation {
  /** Whether it is the tab's; one that was left may be gone back to. */
  isHere = true;
  /** Whose it is, once something was answered. */
  #of: string | undefined;

  constructor(of?: string, messages: readonly ShownMessage[] = []) {
    super(TEMPORARY);
    this.#of = of;
    this.thread.reading.value = "read";
    this.thread.add(messages);
    // There is nothing to read.
    this.thread.refresh = () => Promise.resolve();
    // Words that are typed are kept in the tab and in the browser: here in the tab alone.
    this.draft.text.subscribe(() => store(`draft.${TEMPORARY}`, null));
    this.edits.open.subscribe((id) => {
      if (id !== null) draftFor(id, this.thread.find(id)?.text.peek()).text.subscribe(() => store(`edit.${id}`, null));
    });
  }

  override read(): Promise<null> {
    return Promise.resolve(null);
  }

  /** What was on its way when this tab was left: the server joins it to what it has begun. */
  override takeLeft(): Turn | null {
    const { pending } = this.outbox;
    return pending?.isOpen ? pending.turn : null;
  }

  /** As of others, but that nothing waits for a connection: that would be kept. */
  override takeDraft(): Turn | null {
    const content = asKept(this.draft.text.value);
    this.draft.dispatch(content);
    if (this.phase.value === "idle") return this.thread.sendingOf(content);
    this.outbox.enqueue(content);
    announce("waits");
    return null;
  }

  /** Null in any case: the list of chats has nothing to learn of it. */
  override async submit(turn: Turn): Promise<null> {
    if (this.phase.value !== "idle") {
      if (turn.do === "send") this.draft.giveBack(turn.content);
      return null;
    }
    for (let next: Turn | undefined = turn; next;) {
      const isFine: boolean = await this.#ask(next);
      const waiting = this.takeWaiting(isFine)?.turn;
      next = waiting && this.#byModel(waiting);
    }
    return null;
  }

  override async resume(): Promise<null> {
    const answer = this.messages.value.findLast(({ status }) => status.value === "streaming");
    if (!answer || this.phase.value !== "idle") return null;
    this.phase.value = "answering";
    await this.#receive(answer, null, (this.leave = new AbortController()));
    return null;
  }

  /** Whether anything would be lost with it. */
  get hasSomething(): boolean {
    return this.thread.all.length > 0 || this.phase.value !== "idle";
  }

  /** Has the tab keep it as it is. */
  keep(): void {
    if (this.isHere) keep(this.#of, this.thread.all);
  }

  /** Names the model that was chosen: what is not kept does not keep that either. */
  #byModel(turn: Turn): Turn {
    return choice.into?.(this, turn) ?? turn;
  }

  /** Asks for one answer and reads it to its end. Returns whether it came. */
  async #ask(wanted: Turn): Promise<boolean> {
    // What has ended early cannot be taken up where nothing is kept: it is asked to go on.
    const turn = wanted.do === "continue" ? this.#byModel(this.thread.sendingOf(words.goOn)) : wanted;
    const { target, key, leave, halt } = this.begin(turn);
    const asked = askTurn();
    const { signal } = leave;
    const { before, content } = this.#said(turn, target);
    try {
      const accepted = await ask(
        { messages: context(before, content), content, model: turn.model ?? null },
        { key, signal, halt },
      );
      noteOutcome(null, asked);
      this.#of ??= claimsOf(keptToken()).sub;
      const answer = batch(() => {
        this.outbox.resolve();
        if (turn.do === "edit") this.edits.end(turn.messageId);
        this.outgoing.value = this.actingOn.value = null;
        const added = this.thread.addAccepted(turn, accepted);
        this.acceptedCount.value += 1;
        return added;
      });
      announce("answering");
      await this.#receive(answer, accepted.answer, leave);
      return answer.status.value !== "interrupted";
    } catch (thrown) {
      const isTakenBack = signal.aborted || (halt.aborted && thrown === halt.reason);
      await this.#fail(turn, target, isTakenBack ? null : Problem.from(thrown), asked);
      return false;
    }
  }

  /** What was said before, on the branch that `turn` goes on with, and what is asked. */
  #said(turn: Turn, target: ShownMessage | undefined): { before: readonly ShownMessage[]; content: string } {
    const shown = this.messages.value;
    if (turn.do === "send") return { before: shown, content: turn.content };
    const question = target?.role === "assistant" ? this.thread.find(target.parentId ?? "") : target;
    const before = shown.slice(
      0,
      Math.max(
        0,
        shown.findIndex(({ id }) => id === question?.id),
      ),
    );
    return { before, content: turn.do === "edit" ? turn.content : (question?.text.value ?? "") };
  }

  async #fail(
    turn: Turn,
    target: ShownMessage | undefined,
    problem: Problem | null,
    asked: ReturnType<typeof askTurn>,
  ): Promise<void> {
    if (problem) noteOutcome(problem, asked);
    await whenStaying();
    // Under this key nothing else will ever be said.
    if (problem?.code === "gone" || problem?.code === "idempotency_mismatch") this.outbox.resolve();
    else this.outbox.reject();
    batch(() => {
      this.phase.value = "idle";
      this.outgoing.value = this.actingOn.value = null;
      // It was answered, so long ago that nothing is there any more: the words stand in the field again.
      if (problem && problem.code !== "gone") (target ?? this).problem.value = problem;
      if (turn.do === "send") this.draft.giveBack(turn.content);
    });
  }

  async #receive(answer: ShownMessage, body: ReadableStream<Uint8Array> | null, leave: AbortController): Promise<void> {
    const isStopWanted = this.phase.value === "stopping";
    if (!isStopWanted) this.phase.value = "answering";
    this.keep();
    const answering = (this.answering = new Answering(TEMPORARY, answer, 0, leave));
    if (isStopWanted) answering.stop();
    const ending = await answering.receive(body);
    this.answering = null;
    batch(() => {
      this.phase.value = "idle";
      finish(answer, ending);
      // It was stopped elsewhere, or with the page that was left; or nothing of it is there any more.
      if (answer.status.value === "streaming") answer.status.value = answer.hasText.value ? "stopped" : "interrupted";
    });
    if (ending.kind === "error") noteOutcome(ending.problem, askTurn());
    this.keep();
    announceEnd(answer.status.value);
  }
}
