/** Why the last message was not taken, and what to do about it. The text is still in the composer. */
import type { Conversation } from "../state/conversation.ts";
import { sendDraft, sendsItself } from "../state/conversations.ts";
import { draftOf } from "../state/drafts.ts";
import { open } from "../state/route.ts";
import { Icon } from "./Icon.tsx";
import { Trouble, timeLeft } from "./Trouble.tsx";
import { reasonNotToAsk } from "./reasonNotToAsk.ts";
import { strings } from "./strings.ts";

/** Problems that the same text meets again. */
const LASTING = ["session_not_found", "message_too_long", "body_too_large", "invalid_request"];

export function ErrorLine({ conversation }: { conversation: Conversation }) {
  const problem = conversation.problem.value;
  if (!problem) return null;
  const moveToNewChat = () => {
    const draft = draftOf(conversation.id.value);
    draftOf(null).value = draft.value;
    draft.value = "";
    conversation.problem.value = null;
    open(null);
  };
  return (
    <div class="error-line" role="alert">
      <span>
        <Trouble problem={problem} /> {sendsItself(conversation) && strings.sentLater}
      </span>
      {!LASTING.includes(problem.code) && draftOf(conversation.id.value).value !== "" && (
        <button
          disabled={timeLeft(problem) > 0 || reasonNotToAsk() !== null}
          onClick={() => void sendDraft(conversation)}
        >
          {strings.sendAgain}
        </button>
      )}
      {problem.code === "session_not_found" && <button onClick={moveToNewChat}>{strings.newChat}</button>}
      <button class="quiet" aria-label={strings.dismiss} onClick={() => (conversation.problem.value = null)}>
        <Icon name="close" />
      </button>
    </div>
  );
}
