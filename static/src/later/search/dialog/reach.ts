/** The way to a message that was found: on whichever branch, and in however old a page. */
import { batch } from "@preact/signals";
import { Problem } from "../../../api/problem.ts";
import type { Session } from "../../../api/types.ts";
import { branch } from "../../../state/conversation/branches.ts";
import type { Conversation } from "../../../state/conversation/conversation.ts";
import type { ShownMessage } from "../../../state/conversation/message.ts";
import type { Thread } from "../../../state/conversation/thread.ts";
import { conversation } from "../../../state/conversations.ts";
import { askSession, deletedSession, learn } from "../../../state/sessions.ts";
import { inTurn } from "../../copied/inTurn.ts";

/**
 * Reads the conversation of `session` as far back as the message `id`, and has it show the branch that this stands on. Null: it is not there
 * any more. Throws the problem if it cannot be read, and the signal's reason.
 */
export async function reach(session: Session, id: string, signal: AbortSignal): Promise<Conversation | null> {
  if (deletedSession(session.id)) return null;
  const reached = conversation(session.id);
  const { thread } = reached;
  await thread.whenRead(signal);
  const asked = askSession();
  const read = await thread.read();
  if (read) learn(read, asked);
  // Somebody else is still reading it: nothing is known of what is there.
  if (thread.reading.value === "reading") throw new Problem({ code: "offline" });
  // It may have been said on another device since.
  if (id > thread.newest()) await thread.refresh();
  for (;;) {
    signal.throwIfAborted();
    if (deletedSession(session.id)) return null;
    if (turnTo(thread, id)) return reached;
    if (thread.earlier.value === null) return null;
    await inTurn(() => thread.readEarlier(() => undefined), signal);
  }
}

/** Shows the branch of the message, if it is known up to where what was read begins. */
function turnTo(thread: Thread, id: string): boolean {
  if (thread.messages.value.some((message) => message.id === id)) return true;
  const way: ShownMessage[] = [];
  for (let one = thread.find(id); one; one = one.parentId === null ? undefined : thread.find(one.parentId))
    way.push(one);
  const choices = new Map(way.map((one) => [one.parentId, one.id]));
  if (!branch(thread.all, choices).some((message) => message.id === id)) return false;
  batch(() => {
    for (const one of way) thread.choose(one);
  });
  return true;
}
