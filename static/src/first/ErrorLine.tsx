/** Why the last message was not taken, and what to do about it. The text is still in the composer. */
import type { Conversation } from "../state/conversation.ts";
import { draftOf } from "../state/drafts.ts";
import { open } from "../state/route.ts";
import { Icon } from "./Icon.tsx";
import { strings } from "./strings.ts";
import { explain } from "./wording.ts";

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
      <span>{explain(problem)}</span>
      {problem.code === "session_not_found" && <button onClick={moveToNewChat}>{strings.newChat}</button>}
      <button class="quiet" aria-label={strings.dismiss} onClick={() => (conversation.problem.value = null)}>
        <Icon name="close" />
      </button>
    </div>
  );
}
