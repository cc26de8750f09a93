/** What can be done with a message. The row is there from the beginning, so that nothing moves when an answer ends. */
import type { Conversation } from "../../state/conversation/conversation.ts";
import { minute } from "../../state/clock.ts";
import { continueAnswer, moveToNewChat, regenerate } from "../../state/conversations.ts";
import type { ShownMessage } from "../../state/conversation/message.ts";
import { acts } from "../acts.ts";
import { CopyButton } from "./CopyButton.tsx";
import { OF_THIS_CHAT } from "../composer/ErrorLine.tsx";
import { Icon } from "../Icon.tsx";
import { timeLeft } from "../notices/Trouble.tsx";
import { Versions } from "./Versions.tsx";
import { reasonNotToSend } from "../composer/reasonNotToSend.ts";
import { strings } from "../strings.ts";
import { exactTime, languageOfTime, relativeTime } from "../wording.ts";

interface Props {
  message: ShownMessage;
  conversation: Conversation;
  onTurn: (message: ShownMessage, step: 1 | -1) => void;
}

export function Actions({ message, conversation, onTurn }: Props) {
  const status = message.status.value;
  const hasEndedEarly = status === "stopped" || status === "interrupted" || status === "truncated";
  // The same would be refused here again.
  const code = message.problem.value?.code;
  const isOfThisChat = code !== undefined && OF_THIS_CHAT.includes(code);
  const { Extras } = acts.value ?? {};
  const age = Date.parse(message.createdAt) - minute.value;
  const isLasting = hasEndedEarly || status === "failed" || message.problem.value !== null;
  return (
    <div class={isLasting ? "actions lasting" : "actions"}>
      <Versions message={message} conversation={conversation} onTurn={onTurn} />
      {status !== "streaming" && (
        <>
          {hasEndedEarly && message.hasText.value && (
            <TurnButton
              message={message}
              conversation={conversation}
              icon="after"
              words={strings.continueAnswer}
              isSaid
              onSubmit={() => continueAnswer(conversation, message)}
            />
          )}
          {isOfThisChat && message.role === "user" && (
            <button class="again" onClick={() => moveToNewChat(conversation, message.text.peek())}>
              <Icon name="plus" />
              {strings.newChat}
            </button>
          )}
          {(message.role === "assistant" || (status === "failed" && !isOfThisChat)) && (
            <TurnButton
              message={message}
              conversation={conversation}
              icon="again"
              words={strings.again}
              isSaid={isLasting}
              onSubmit={() => regenerate(conversation, message)}
            />
          )}
          {message.role === "user" && (
            <button
              class="quiet"
              aria-label={strings.edit}
              title={strings.edit}
              disabled={conversation.phase.value !== "idle"}
              onClick={() => (conversation.edits.open.value = message.id)}
            >
              <Icon name="pencil" />
            </button>
          )}
          {message.hasText.value && <CopyButton text={message.text.peek()} />}
          <time dateTime={message.createdAt} title={exactTime(message.createdAt)} lang={languageOfTime(age)}>
            {relativeTime(age)}
          </time>
          {Extras && message.role === "assistant" && <Extras message={message} session={conversation.id.value} />}
        </>
      )}
    </div>
  );
}

interface TurnButtonProps extends Omit<Props, "onTurn"> {
  icon: "again" | "after";
  words: string;
  /** Whether the words are seen, or only the icon. */
  isSaid: boolean;
  onSubmit: () => Promise<void>;
}

function TurnButton({ message, conversation, icon, words, isSaid, onSubmit }: TurnButtonProps) {
  const reason = reasonNotToSend();
  const problem = message.problem.value;
  const isWaiting = problem !== null && timeLeft(problem) > 0;
  return (
    <button
      class={isSaid ? "again" : "quiet"}
      disabled={conversation.phase.value !== "idle" || reason !== null || isWaiting}
      aria-label={isSaid ? undefined : words}
      title={reason ?? words}
      onClick={() => void onSubmit()}
    >
      <Icon name={icon} />
      {isSaid && words}
    </button>
  );
}
