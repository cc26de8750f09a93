/** The conversations of this visit, and the one on screen: the address decides. */
import { computed, effect, signal, untracked } from "@preact/signals";
import type { Turn } from "../api/messages.ts";
import { Problem } from "../api/problem.ts";
import { serverNow } from "../api/serverClock.ts";
import { connection } from "./connection.ts";
import { Conversation } from "./conversation/conversation.ts";
import { asKept } from "./conversation/draft.ts";
import type { ShownMessage } from "./conversation/message.ts";
import type { Way } from "./conversation/way.ts";
import { titleFrom } from "../text/title.ts";
import { exhausted } from "./quota.ts";
import { refusal } from "./refusal.ts";
import { open, openSessionId } from "./route.ts";
import { askSession, deletedSession, deletedSessions, learn, note, readFirstPage, sessions } from "./sessions.ts";

const known = new Map<string, Conversation>();
/** The new chat: has no id until its first message is accepted. */
export const fresh = signal(new Conversation(null));

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
    found.thread.reading.value = "missing";
    deletedConversations.set(id, found);
  }
  return found;
}

// What was deleted, here or in another tab, may come back: what was read of it is then there at once, and is read again.
let deletedBefore: readonly string[] = [];
effect(() => {
  const deleted = deletedSessions.value;
  const back = deletedBefore.filter((id) => !deleted.has(id));
  deletedBefore = [...deleted.keys()];
  untracked(() => {
    for (const id of deletedBefore) {
      known.get(id)?.stop();
      if (known.get(id)?.thread.reading.value !== "read") known.delete(id);
    }
    for (const id of back)
      known
        .get(id)
        ?.thread.refresh()
        .catch(() => undefined);
  });
});

/** The conversation of a session, on screen or not. */
export function conversation(id: string): Conversation {
  let found = known.get(id);
  if (!found) {
    found = new Conversation(id);
    known.set(id, found);
  }
  return found;
}

/** Whether an answer is being written in the session, which need not be the one on screen. */
export function isAnswering(id: string): boolean {
  return (known.get(id)?.phase.value ?? "idle") !== "idle";
}

/**
 * Reads what is on screen if it is not there yet, resumes the answer still being written, and submits again what was on its way when this
 * tab was left.
 */
export async function show(conversation: Conversation): Promise<void> {
  // It would only say that it is not there.
  if (deletedSession(conversation.id.value ?? "")) return;
  const asked = askSession();
  const session = await conversation.read();
  if (session) learn(session, asked);
  await resume(conversation);
}

/** Catches up with what happened to the conversation on screen while it was hidden, or while there was no connection. */
export async function refreshCurrent(): Promise<void> {
  const conversation = current.value;
  if (conversation.thread.reading.value === "failed") return show(conversation);
  if (conversation.phase.value !== "idle") return;
  await conversation.thread.refresh().catch(() => undefined);
  await resume(conversation);
}

export const BY_PAGE: Way = { isByPage: true };

/** The key of what was last submitted again by the page itself: once is enough. */
let resent: string | undefined;

/** Whether what could not be sent, and still stands in the composer, will be sent by the page itself when the connection is back. */
export function sendsItself(conversation: Conversation): boolean {
  const { pending } = conversation.outbox;
  const isLost = conversation.problem.value?.code === "offline" && pending !== null && pending.key !== resent;
  return isLost && conversation.isDraftOf(pending.turn);
}

/** The connection is back: what it had kept from being sent is sent now, if it still stands in the composer. */
export async function sendLost(): Promise<void> {
  await refreshCurrent();
  const conversation = current.value;
  if (!sendsItself(conversation)) return;
  const { pending } = conversation.outbox;
  if (!pending || !conversation.dispatchDraft(pending.turn)) return;
  resent = pending.key;
  await run(conversation, pending.turn, BY_PAGE);
}

async function resume(conversation: Conversation): Promise<void> {
  if (conversation.thread.reading.value !== "read" || conversation.phase.value !== "idle") return;
  const left = conversation.takeLeft();
  if (left) await run(conversation, left, BY_PAGE);
  await conversation.resume();
  const status = conversation.messages.value.at(-1)?.status.value;
  await sendWaiting(conversation, status !== "streaming" && status !== "interrupted");
}

/**
 * Sends the draft of `conversation`, which leaves the field, and comes back to it if the server does not accept it. While something else
 * is under way it waits in the outbox.
 */
export async function sendDraft(conversation: Conversation): Promise<void> {
  const turn = conversation.takeDraft();
  if (turn) await run(conversation, turn);
}

/** Nothing is under way any more: what waits goes out, or back to the field if something is in its way. */
async function sendWaiting(conversation: Conversation, isFine: boolean): Promise<void> {
  const next = conversation.takeWaiting(isFine && connection.value === "online" && !exhausted.value && !refusal.value);
  if (next) await run(conversation, next.turn, { ...BY_PAGE, key: next.key });
}

/** Asks for one more answer: beside `message`, or to it. */
export function regenerate(conversation: Conversation, message: ShownMessage): Promise<void> {
  return run(conversation, { do: "regenerate", messageId: message.id });
}

/** Asks for the rest of an answer that ended too early. */
export function continueAnswer(conversation: Conversation, message: ShownMessage): Promise<void> {
  return run(conversation, { do: "continue", messageId: message.id });
}

/** Puts `content` beside what the visitor had said. */
export function edit(conversation: Conversation, message: ShownMessage, content: string): Promise<void> {
  return run(conversation, { do: "edit", messageId: message.id, content: asKept(content) });
}

/** What puts the model that was chosen into a turn, once it is loaded. */
export const choice: { into?: (conversation: Conversation, turn: Turn, way?: Way) => Turn } = {};

/** Has `conversation` submit a turn, and then what waits. The list of sessions learns what came of it. */
export async function run(conversation: Conversation, turn: Turn, way?: Way): Promise<void> {
  const onSession = (sessionId: string, isAccepted: boolean) => {
    const isNew = conversation === fresh.value;
    if (isNew) register(conversation, sessionId);
    if (isAccepted) touch(sessionId, "content" in turn ? turn.content : "");
    else if (isNew) readFirstPage().catch(() => undefined);
  };
  const outcome = await conversation.submit(choice.into?.(conversation, turn, way) ?? turn, onSession, way);
  const wasAccepted = outcome !== null && !(outcome instanceof Problem);
  // Titles are the server's work: the list is read again once there is something new to know.
  if (wasAccepted && conversation.messages.value.length <= 2) await readFirstPage().catch(() => undefined);
  await sendWaiting(conversation, wasAccepted && outcome !== "interrupted");
}

/** Moves to the new chat with `text`, which cannot be said here. What stands in the new chat's field already stays. */
export function moveToNewChat(conversation: Conversation, text: string): void {
  fresh.value.draft.append(text);
  if (conversation.draft.text.value === text) conversation.draft.text.value = "";
  conversation.problem.value = null;
  open(null);
}

/** The new chat has become a session: it gets its address, and the next new chat is a new one. */
function register(conversation: Conversation, sessionId: string): void {
  known.set(sessionId, conversation);
  const isOnScreen = openSessionId.value === null;
  fresh.value = new Conversation(null);
  if (isOnScreen) open(sessionId, "replace");
}

/** Moves the session to the top of the list, or puts it there with the title the server is about to give it. */
function touch(sessionId: string, text: string): void {
  const updated = new Date(serverNow()).toISOString();
  const listed = sessions.value.find(({ id }) => id === sessionId);
  note({
    ...(listed ?? { id: sessionId, title: titleFrom(text), created_at: updated }),
    updated_at: updated,
  });
}
