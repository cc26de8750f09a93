/** The conversations of this visit, and the one on screen: the address decides. */
import { type Signal, computed, effect, signal, untracked } from "@preact/signals";
import type { Turn } from "../api/messages.ts";
import { Problem } from "../api/problem.ts";
import { serverNow } from "../api/serverClock.ts";
import type { MessageStatus } from "../api/types.ts";
import { announce } from "./announcer.ts";
import { connection } from "./connection.ts";
import { Conversation } from "./conversation/conversation.ts";
import { asKept, draftOf } from "./conversation/drafts.ts";
import { firstWords } from "./firstWords.ts";
import type { ShownMessage } from "./conversation/message.ts";
import { moveTo, pendingOf } from "./conversation/pending.ts";
import { exhausted } from "./quota.ts";
import { open, openSessionId } from "./route.ts";
import { askSession, deletedSession, deletedSessions, learn, note, readFirstPage, sessions } from "./sessions.ts";

const known = new Map<string, Conversation>();
/** The new chat: has no id until its first message is taken. */
const fresh = signal(new Conversation(null));

export const current = computed<Conversation>(() => {
  const id = openSessionId.value;
  if (id === null) return fresh.value;
  return deletedSession(id) ? deletedConversation(id) : conversation(id);
});

/** Stands for each that was deleted: there is nothing to read, unless the deletion is undone. */
const deletedConversations = new Map<string, Conversation>();

function deletedConversation(id: string): Conversation {
  let found = deletedConversations.get(id);
  if (!found) {
    found = new Conversation(id);
    found.reading.value = "missing";
    deletedConversations.set(id, found);
  }
  return found;
}

// Also those that another tab has deleted.
effect(() => {
  for (const id of deletedSessions.value.keys()) untracked(() => forget(id));
});

function conversation(id: string): Conversation {
  let found = known.get(id);
  if (!found) {
    found = new Conversation(id);
    known.set(id, found);
  }
  return found;
}

/** Forgets a conversation that was deleted, so that an undone deletion reads it again. */
export function forget(id: string): void {
  known.get(id)?.stop();
  known.delete(id);
}

/** Whether an answer is being written in the session, which need not be the one on screen. */
export function isAnswering(id: string): boolean {
  return (known.get(id)?.phase.value ?? "idle") !== "idle";
}

/** Reads what is on screen if it is not there yet, picks up the answer still being written, and asks again for what was on its way when this tab was left. */
export async function show(conversation: Conversation): Promise<void> {
  // It would only say that it is not there.
  if (deletedSession(conversation.id.value ?? "")) return;
  const asked = askSession();
  const session = await conversation.read();
  if (session) learn(session, asked);
  await takeUp(conversation);
}

/** Catches up with what happened to the conversation on screen while nobody looked, or while there was no connection. */
export async function lookAgain(): Promise<void> {
  const conversation = current.value;
  if (conversation.reading.value === "failed") return show(conversation);
  if (conversation.phase.value !== "idle") return;
  await conversation.refresh().catch(() => undefined);
  await takeUp(conversation);
}

/** The key of what was last sent anew without being asked: once is enough. */
let resent: string | undefined;

/** Whether what could not be sent will be sent without being asked when the connection is back. */
export function sendsItself(conversation: Conversation): boolean {
  return conversation.problem.value?.code === "offline" && pendingOf(conversation.id.value)?.key !== resent;
}

/** The connection is back: what it had kept from being sent is sent now, if it still stands in the composer. */
export async function sendLost(): Promise<void> {
  await lookAgain();
  const conversation = current.value;
  if (!sendsItself(conversation)) return;
  const pending = pendingOf(conversation.id.value);
  const draft = draftOf(conversation.id.value);
  if (pending?.turn.do !== "send" || pending.turn.content !== asKept(draft.value)) return;
  resent = pending.key;
  await run(conversation, pending.turn);
}

async function takeUp(conversation: Conversation): Promise<void> {
  if (conversation.reading.value !== "read" || conversation.phase.value !== "idle") return;
  const pending = pendingOf(conversation.id.value);
  if (pending) {
    if (conversation.findTaken()) empty(draftOf(conversation.id.value), pending.turn);
    else if (pending.isOpen) await run(conversation, pending.turn);
  }
  await pickUp(conversation);
  const status = conversation.messages.value.at(-1)?.status.value;
  await sendWaiting(conversation, status !== "streaming" && status !== "interrupted");
}

async function pickUp(conversation: Conversation, onlyToStop = false): Promise<void> {
  const status = conversation.resume();
  if (onlyToStop) conversation.stop();
  const ended = await status;
  if (ended) tell(ended);
}

/**
 * Sends the draft of `conversation`. It is emptied when the server has taken it, unless it has changed since. While something else
 * is under way it waits in the outbox.
 */
export async function sendDraft(conversation: Conversation): Promise<void> {
  const draft = draftOf(conversation.id.value);
  draft.value = asKept(draft.value);
  if (conversation.phase.value === "idle") return run(conversation, conversation.sendingOf(draft.value));
  conversation.outbox.add(draft.value);
  draft.value = "";
  announce("waits");
}

/** Takes back what waits in the outbox: it stands in the field again. */
export function takeBack(conversation: Conversation, index: number): void {
  giveBack(draftOf(conversation.id.value), conversation.outbox.take(index) ?? "");
}

/** Nothing is under way any more: what waits goes out, or back to the field if something is in its way. */
async function sendWaiting(conversation: Conversation, isFine: boolean): Promise<void> {
  if (conversation.phase.value !== "idle" || conversation.outbox.waiting.value.length === 0) return;
  if (isFine && connection.value === "online" && !exhausted.value) {
    const text = conversation.outbox.take(0) ?? "";
    return run(conversation, conversation.sendingOf(text));
  }
  while (conversation.outbox.waiting.value.length > 0)
    takeBack(conversation, conversation.outbox.waiting.value.length - 1);
}

/** Puts `text` back into the field, before what was written there meanwhile. */
function giveBack(draft: Signal<string>, text: string): void {
  if (draft.value !== text) draft.value = draft.value === "" ? text : `${text}\n\n${draft.value}`;
}

/** Asks for one more answer: beside `message`, or to it. */
export function regenerate(conversation: Conversation, message: ShownMessage): Promise<void> {
  return run(conversation, { do: "regenerate", messageId: message.id });
}

/** Asks for the rest of an answer that ended too early. */
export function goOn(conversation: Conversation, message: ShownMessage): Promise<void> {
  return run(conversation, { do: "continue", messageId: message.id });
}

/** Puts `content` beside what the visitor had said. */
export function edit(conversation: Conversation, message: ShownMessage, content: string): Promise<void> {
  return run(conversation, { do: "edit", messageId: message.id, content: asKept(content) });
}

/** Shows another version of a message: `step` 1 is the next one. */
export function turnTo(conversation: Conversation, message: ShownMessage, step: 1 | -1): void {
  const versions = conversation.versionsOf(message);
  const at = versions.indexOf(message) + step;
  const version = versions[at];
  if (!version) return;
  conversation.choose(version);
  announce("version", at + 1, versions.length);
  void pickUp(conversation);
}

async function run(conversation: Conversation, turn: Turn): Promise<void> {
  const draft = draftOf(conversation.id.value);
  const outcome = await conversation.ask(turn, ({ sessionId }) => {
    empty(draft, turn);
    announce("answering");
    if (conversation === fresh.value) {
      // What was written while the first message was on its way belongs to its chat.
      const written = draft.value;
      draft.value = "";
      draftOf(sessionId).value = written;
      settleIn(conversation, sessionId);
    }
    touch(sessionId, "content" in turn ? turn.content : "");
  });
  const wasTaken = outcome !== null && !(outcome instanceof Problem);
  const isKept =
    !wasTaken &&
    (outcome === null ? await findStopped(conversation, turn) : await keepTogether(conversation, turn, outcome));
  if (turn.do === "send" && !wasTaken && !isKept) giveBack(draftOf(conversation.id.value), turn.content);
  if (conversation.phase.value === "idle") conversation.outgoing.value = null;
  if (outcome && wasTaken) {
    tell(outcome);
    // Titles are the server's work: the list is read again once there is something new to know.
    if (conversation.messages.value.length <= 2) await readFirstPage().catch(() => undefined);
  }
  await sendWaiting(conversation, wasTaken && outcome !== "interrupted");
}

function tell(status: MessageStatus): void {
  if (status === "complete") announce("done");
  else if (status !== "streaming" && status !== "failed") announce(status);
}

/** The draft that was sent is not a draft any more, unless it has changed since. */
function empty(draft: Signal<string>, turn: Turn): void {
  if (turn.do === "send" && asKept(draft.value) === turn.content) draft.value = "";
}

/**
 * A message may be kept although it was not answered, in a session that was made for it: what is tried next belongs there, and
 * beside that message. Returns whether it was kept.
 */
async function keepTogether(conversation: Conversation, turn: Turn, problem: Problem): Promise<boolean> {
  const made = problem.sessionId;
  if (!made) return false;
  if (conversation === fresh.value) {
    const draft = draftOf(null);
    draftOf(made).value = draft.value;
    draft.value = "";
    moveTo(made);
    conversation.id.value = made;
    settleIn(conversation, made);
    readFirstPage().catch(() => undefined);
  }
  await conversation.refresh().catch(() => undefined);
  const kept = conversation.findTaken();
  if (!kept) return false;
  empty(draftOf(conversation.id.value), turn);
  if (turn.do === "edit") conversation.endEdit(turn.messageId);
  conversation.problem.value = null;
  kept.problem.value = problem;
  // It stands at the end, where whoever reads further up would not see it.
  conversation.taken.value += 1;
  return true;
}

/** What was taken back may have reached the server all the same: then it stands in the thread, and not in the field. Returns whether it has. */
async function findStopped(conversation: Conversation, turn: Turn): Promise<boolean> {
  if (conversation.phase.value !== "idle") return false;
  await conversation.refresh().catch(() => undefined);
  if (!conversation.findTaken()) return false;
  empty(draftOf(conversation.id.value), turn);
  await pickUp(conversation, true);
  return true;
}

/** Goes on in a new chat with `text`, which cannot be said here. What stands in the new chat's field already stays. */
export function moveToNewChat(conversation: Conversation, text: string): void {
  const [from, to] = [draftOf(conversation.id.value), draftOf(null)];
  to.value = to.value === "" ? text : `${to.value}\n\n${text}`;
  if (from.value === text) from.value = "";
  conversation.problem.value = null;
  open(null);
}

/** The new chat has become a session: it gets its address, and the next new chat is a new one. */
function settleIn(conversation: Conversation, sessionId: string): void {
  known.set(sessionId, conversation);
  const isOnScreen = openSessionId.value === null;
  fresh.value = new Conversation(null);
  if (isOnScreen) open(sessionId, "replace");
}

/** Moves the session to the top of the list, or puts it there with the title the server is about to give it. */
function touch(sessionId: string, text: string): void {
  const updated = new Date(serverNow()).toISOString();
  const listed = sessions.value.find(({ id }) => id === sessionId);
  note({ ...(listed ?? { id: sessionId, title: firstWords(text), created_at: updated }), updated_at: updated });
}
