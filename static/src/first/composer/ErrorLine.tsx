/** Why the last message was not accepted, and what to do about it. The text is still in the composer. */
import type { ProblemCode } from "../../api/problem.ts";
import type { Conversation } from "../../state/conversation/conversation.ts";
import { moveToNewChat, sendDraft, sendsItself } from "../../state/conversations.ts";
import { Icon } from "../Icon.tsx";
import { Trouble, timeLeft } from "../notices/Trouble.tsx";
import { reasonNotToSend } from "./reasonNotToSend.ts";
import { strings } from "../strings.ts";

/** Problems that the same text meets again. */
const LASTING: readonly ProblemCode[] = ["message_too_long", "body_too_large", "invalid_request"];
/** Problems of this chat, which the same text does not meet in a new one. */
export const OF_THIS_CHAT: readonly ProblemCode[] = ["session_not_found", "gone", "context_too_long"];

export function ErrorLine({ conversation }: { conversation: Conversation }) {
  const problem = conversation.problem.value;
  if (!problem) return null;
  const draft = conversation.draft.text;
  const isOfThisChat = OF_THIS_CHAT.includes(problem.code);
  // The same again makes sense at once, after a time that is known, or once chats were deleted.
  const makesRoom = problem.code === "storage_full" && problem.scope === "user";
  const helps = !LASTING.includes(problem.code) && (problem.mayRetry || problem.retryAt !== undefined || makesRoom);
  return (
    <div class="error-line" role="alert">
      <span>
        <Trouble problem={problem} /> {sendsItself(conversation) && strings.sentLater}
      </span>
      {!isOfThisChat && helps && draft.value !== "" && (
        <button
          disabled={timeLeft(problem) > 0 || reasonNotToSend() !== null}
          onClick={() => void sendDraft(conversation)}
        >
          {strings.sendAgain}
        </button>
      )}
      {isOfThisChat && <button onClick={() => moveToNewChat(conversation, draft.peek())}>{strings.newChat}</button>}
      <button class="quiet" aria-label={strings.dismiss} onClick={() => (conversation.problem.value = null)}>
        <Icon name="close" />
      </button>
    </div>
  );
}
