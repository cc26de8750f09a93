/** One message, the state it is in, and what can be done with it. */
import type { Conversation } from "../state/conversation.ts";
import { sendAgain } from "../state/conversations.ts";
import { minute } from "../state/clock.ts";
import type { ShownMessage } from "../state/message.ts";
import { CopyButton } from "./CopyButton.tsx";
import { Icon } from "./Icon.tsx";
import { Markdown } from "./Markdown.tsx";
import { strings } from "./strings.ts";
import { exactTime, explain, relativeTime } from "./wording.ts";

interface Props {
  message: ShownMessage;
  conversation: Conversation;
}

export function Message({ message, conversation }: Props) {
  const isVisitor = message.role === "user";
  return (
    <article class={isVisitor ? "message mine" : "message"} aria-busy={message.status.value === "streaming"}>
      <h2 class="unseen">{isVisitor ? strings.you : strings.assistant}</h2>
      {isVisitor ? (
        <div class="bubble" dir="auto">
          {message.text.value}
        </div>
      ) : (
        <Markdown message={message} />
      )}
      <State message={message} />
      <Actions message={message} conversation={conversation} />
    </article>
  );
}

function State({ message }: { message: ShownMessage }) {
  const problem = message.problem.value;
  switch (message.status.value) {
    case "complete":
      return null;
    case "streaming":
      if (message.text.value === "") return <Waiting />;
      return message.isOurs ? null : <p class="state">{strings.still}</p>;
    case "stopped":
      return <p class="state">{strings.stopped}</p>;
    case "interrupted":
      return <p class="state trouble">{problem ? explain(problem) : strings.interrupted}</p>;
    case "failed":
      return <p class="state trouble">{strings.failed}</p>;
  }
}

function Waiting() {
  return (
    <p class="waiting" role="img" aria-label={strings.thinking}>
      <i />
      <i />
      <i />
    </p>
  );
}

/** The row is there from the beginning, so that nothing moves when an answer ends. */
function Actions({ message, conversation }: Props) {
  const status = message.status.value;
  const isUnanswered = status === "stopped" || status === "interrupted" || status === "failed";
  return (
    <div class={isUnanswered ? "actions lasting" : "actions"}>
      {status !== "streaming" && (
        <>
          {isUnanswered && (
            <button
              class="again"
              disabled={conversation.phase.value !== "idle"}
              onClick={() => void sendAgain(conversation, message)}
            >
              <Icon name="again" />
              {strings.retry}
            </button>
          )}
          {message.text.value !== "" && <CopyButton text={message.text.peek()} />}
          <time dateTime={message.createdAt} title={exactTime(message.createdAt)}>
            {relativeTime(Date.parse(message.createdAt) - minute.value)}
          </time>
        </>
      )}
    </div>
  );
}
