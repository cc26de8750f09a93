/** Has the server store an answer that it could not store when it ended. */
import { readAnswer } from "../../api/answer.ts";
import { followAnswer } from "../../api/messages.ts";
import { Problem } from "../../api/problem.ts";
import { characters } from "../../text/characters.ts";
import type { Conversation } from "./conversation.ts";
import type { ShownMessage } from "./message.ts";

export async function saveAgain({ id, thread }: Conversation, message: ShownMessage): Promise<void> {
  if (id.value === null) return;
  message.problem.value = null;
  try {
    const { signal } = new AbortController();
    // A request for the rest has the server store what it still has of the answer.
    const rest = await followAnswer(id.value, message.id, { characters: characters(message.text.value) }, signal);
    await readAnswer(rest, () => undefined, signal);
    await thread.refresh();
  } catch (thrown) {
    message.problem.value = Problem.from(thrown);
  }
}
