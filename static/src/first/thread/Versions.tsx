/** ‹ 1/3 ›: the way from one version of a message to another. */
import type { Conversation } from "../../state/conversation/conversation.ts";
import type { ShownMessage } from "../../state/conversation/message.ts";
import { Icon } from "../Icon.tsx";
import { strings } from "../strings.ts";

interface Props {
  message: ShownMessage;
  conversation: Conversation;
  onTurn: (message: ShownMessage, step: 1 | -1) => void;
}

export function Versions({ message, conversation, onTurn }: Props) {
  const versions = conversation.thread.versionsOf(message);
  if (versions.length < 2) return null;
  const at = versions.indexOf(message) + 1;
  return (
    <span class="versions" role="group" aria-label={strings.version(at, versions.length)}>
      {/* Not `disabled`: at the last version the focus would get lost. */}
      <button
        class="quiet"
        aria-disabled={at === 1}
        aria-label={strings.versionBefore}
        title={strings.versionBefore}
        onClick={() => onTurn(message, -1)}
      >
        <Icon name="before" />
      </button>
      <span aria-hidden="true">
        {at}/{versions.length}
      </span>
      <button
        class="quiet"
        aria-disabled={at === versions.length}
        aria-label={strings.versionAfter}
        title={strings.versionAfter}
        onClick={() => onTurn(message, 1)}
      >
        <Icon name="after" />
      </button>
    </span>
  );
}
