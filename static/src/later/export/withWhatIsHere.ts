/** What this page has of a chat and the server has not yet: words that are streaming in, and an answer that could not be stored. */
import type { Message } from "../../api/types.ts";
import type { Thread } from "../../state/conversation/thread.ts";

export function withWhatIsHere(messages: readonly Message[], thread: Pick<Thread, "find">): Message[] {
  return messages.map((message) => {
    const here = thread.find(message.id);
    const content = here?.text.peek() ?? "";
    const isAhead = here && (message.status === "streaming" || here.isUnsaved.peek());
    return isAhead && content.length > message.content.length ? { ...message, content } : message;
  });
}
