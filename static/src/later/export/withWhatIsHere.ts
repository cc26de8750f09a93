/** What this page has of a chat and the server has not: words that are streaming in, an answer that could not be stored, and all of a temporary chat. */
import type { Message } from "../../api/types.ts";
import type { Conversation } from "../../state/conversation/conversation.ts";
import type { Thread } from "../../state/conversation/thread.ts";
import type { Chat } from "./chat.ts";

export function withWhatIsHere(messages: readonly Message[], thread: Pick<Thread, "find">): Message[] {
  return messages.map((message) => {
    const here = thread.find(message.id);
    const content = here?.text.peek() ?? "";
    const isAhead = here && (message.status === "streaming" || here.isUnsaved.peek());
    return isAhead && content.length > message.content.length ? { ...message, content } : message;
  });
}

/** A chat that only this page has, as if it had been read. */
export function asRead({ thread, messages }: Pick<Conversation, "thread" | "messages">): Omit<Chat, "session"> {
  const all = thread.all.map(({ id, parentId, role, createdAt, text, status, model, head }): Message => ({
    id,
    parent_id: parentId,
    session_id: "",
    role,
    status: status.peek(),
    model: model ?? head?.get("X-Model") ?? null,
    token_count: null,
    created_at: createdAt,
    content: text.peek(),
    vote: null,
  }));
  return { messages: all, leaf: messages.peek().at(-1)?.id ?? null };
}
