/** A conversation as it leaves the page: all that the server has of it, and which branch of it is meant where only one fits. */
import type { Message, Session } from "../../api/types.ts";
import { type Node, branch } from "../../state/conversation/branches.ts";

export interface Chat {
  session: Session;
  /** All versions of all messages, the oldest first. */
  messages: readonly Message[];
  /** The last message of the branch on screen; null: the newest branch. */
  leaf: string | null;
}

/** Whether an answer in it is still being written: then it is not whole yet. */
export function isRunning({ messages }: Pick<Chat, "messages">): boolean {
  return messages.some(({ status }) => status === "streaming");
}

/** The messages from the first to the leaf. */
export function branchOf({ messages, leaf }: Chat): Message[] {
  const known = new Map(messages.map((message) => [message.id, message]));
  const found: Message[] = [];
  for (let at = known.get(leaf ?? ""); at && !found.includes(at); at = known.get(at.parent_id ?? "")) found.unshift(at);
  if (found.length > 0) return found;
  const nodes = messages.map((message) => ({ id: message.id, parentId: message.parent_id, message }));
  return branch<Node & { message: Message }>(nodes, new Map()).map(({ message }) => message);
}
