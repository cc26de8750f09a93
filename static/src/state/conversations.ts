/** The conversations of this visit, and the one on screen: the address decides. */
import { type Signal, computed, signal } from "@preact/signals";
import { announce } from "./announcer.ts";
import { Conversation } from "./conversation.ts";
import { draftOf } from "./drafts.ts";
import type { ShownMessage } from "./message.ts";
import { open, openSessionId } from "./route.ts";
import { merge, readFirstPage, sessions } from "./sessions.ts";

const known = new Map<string, Conversation>();
/** The new chat: has no id until its first message is taken. */
const fresh = signal(new Conversation(null));

export const current = computed<Conversation>(() => {
  const id = openSessionId.value;
  return id === null ? fresh.value : conversation(id);
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

/** Sends the draft of `conversation`. The draft is emptied when the server has taken it, unless it has changed since. */
export async function sendDraft(conversation: Conversation, draft: Signal<string>): Promise<void> {
  const text = draft.value;
  const wasTaken = await send(conversation, text, () => {
    if (draft.value === text) draft.value = "";
  });
  if (!wasTaken) keepTogether(conversation, draft);
}

/** Asks once more what `message`, or the question before it, asked. The draft stays as it is. */
export async function sendAgain(conversation: Conversation, message: ShownMessage): Promise<void> {
  const until = conversation.messages.value.indexOf(message) + 1;
  const question = conversation.messages.value.slice(0, until).findLast(({ role }) => role === "user");
  if (question) await send(conversation, question.text.value, () => undefined);
}

/** Whether the server has taken `text`; its answer has then ended, too. */
async function send(conversation: Conversation, text: string, onTaken: () => void): Promise<boolean> {
  const end = await conversation.send(text, ({ sessionId }) => {
    onTaken();
    announce("answering");
    if (conversation === fresh.value) settleIn(conversation, sessionId);
    touch(sessionId, text);
  });
  if (end === null) return false;
  announce(end.kind === "done" || end.kind === "stopped" ? end.kind : "interrupted");
  // Titles are the server's work: the list is read again once there is something new to know.
  if (conversation.messages.value.length <= 2) await readFirstPage().catch(() => undefined);
  return true;
}

/** A first message may fail after its session was made: what is tried next belongs to that session, not to one more. */
function keepTogether(conversation: Conversation, draft: Signal<string>): void {
  const made = conversation.problem.value?.sessionId;
  if (!made || conversation !== fresh.value) return;
  const text = draft.value;
  draft.value = "";
  draftOf(made).value = text;
  conversation.id.value = made;
  settleIn(conversation, made);
  readFirstPage().catch(() => undefined);
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
  const updated = new Date().toISOString();
  const listed = sessions.value.find(({ id }) => id === sessionId);
  merge([{ ...(listed ?? { id: sessionId, title: firstWords(text), created_at: updated }), updated_at: updated }]);
}

function firstWords(text: string): string {
  const line = text.trim().split("\n", 1)[0] ?? "";
  return line.length > 60 ? `${line.slice(0, 60).trimEnd()}…` : line;
}
