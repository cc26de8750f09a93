/** Which branch of a chat is shared: the one on screen, or where the chat is not open the newest. */
import { readSession } from "../../api/sessions.ts";
import { branch } from "../../state/conversation/branches.ts";
import { current } from "../../state/conversations.ts";

/** The branch's last message; null: there is none yet. */
export async function leafOf(session: string): Promise<string | null> {
  const { id, messages } = current.peek();
  if (id.peek() === session && messages.peek().length > 0) return messages.peek().at(-1)?.id ?? null;
  const page = await readSession(session);
  const nodes = page.messages.map((message) => ({ id: message.id, parentId: message.parent_id }));
  return branch(nodes, new Map()).at(-1)?.id ?? null;
}
