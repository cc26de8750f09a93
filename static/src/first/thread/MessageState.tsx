/** The state a message is in, where there is something to say about it. */
import { useSignal } from "@preact/signals";
import type { Conversation } from "../../state/conversation/conversation.ts";
import type { ShownMessage } from "../../state/conversation/message.ts";
import { saveAgain } from "../../state/conversation/saveAgain.ts";
import { wasLeft } from "../../state/conversation/left.ts";
import { Trouble, timeLeft } from "../notices/Trouble.tsx";
import { strings } from "../strings.ts";

interface Props {
  message: ShownMessage;
  conversation: Conversation;
}

export function MessageState({ message, conversation }: Props) {
  if (conversation.actingOn.value === message.id) return <Waiting />;
  const status = message.status.value;
  if (status === "streaming") return <Streaming message={message} />;
  if (message.isUnsaved.value) return <Unsaved message={message} conversation={conversation} />;
  const problem = message.problem.value;
  if (problem)
    return (
      // That an answer broke off is said by the live region.
      <p class="state trouble" role={status === "interrupted" ? undefined : "alert"}>
        <Trouble problem={problem} />
      </p>
    );
  if (status === "complete") return !message.hasText.value ? <p class="state">{strings.empty}</p> : null;
  if (status === "stopped") return <p class="state">{wasLeft(message.id) ? strings.left : strings.stopped}</p>;
  return <p class="state trouble">{strings[status]}</p>;
}

function Streaming({ message }: { message: ShownMessage }) {
  const stream = message.stream.value;
  if (stream === "lost") return <p class="state">{strings.pickingUp}</p>;
  if (!message.hasText.value) return <Waiting />;
  return stream === "live" ? null : <p class="state">{strings.still}</p>;
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

function Unsaved({ message, conversation }: Props) {
  const isSaving = useSignal(false);
  const save = async () => {
    isSaving.value = true;
    await saveAgain(conversation, message);
    isSaving.value = false;
  };
  const problem = message.problem.value;
  return (
    <p class="state trouble" role="alert">
      {strings.notSaved} {problem && <Trouble problem={problem} />}{" "}
      <button disabled={isSaving.value || timeLeft(problem ?? {}) > 0} onClick={() => void save()}>
        {strings.saveAgain}
      </button>
    </p>
  );
}
