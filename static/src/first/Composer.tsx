/** Where the visitor writes. The text stays until the server has taken it. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Conversation } from "../state/conversation.ts";
import { sendDraft } from "../state/conversations.ts";
import { draftOf } from "../state/drafts.ts";
import { longestMessage } from "../state/limits.ts";
import { CharacterCount } from "./CharacterCount.tsx";
import { Icon } from "./Icon.tsx";
import { isSendKey } from "./isSendKey.ts";
import { keys } from "./keys.ts";
import { lengthNearLimit } from "./messageLength.ts";
import { reasonNotToAsk } from "./reasonNotToAsk.ts";
import { timeLeft } from "./Trouble.tsx";
import { strings } from "./strings.ts";
import { useGrowing } from "./useGrowing.ts";
import { warmUp } from "./warmUp.ts";

export function Composer({ conversation }: { conversation: Conversation }) {
  const draft = draftOf(conversation.id.value);
  const field = useRef<HTMLTextAreaElement>(null);
  const phase = conversation.phase.value;
  const length = lengthNearLimit(draft.value);
  const blocked = reasonNotToAsk();
  const canSend =
    phase === "idle" &&
    blocked === null &&
    timeLeft(conversation) <= 0 &&
    length <= longestMessage.value &&
    draft.value.trim() !== "";

  useGrowing(field, draft.value);
  // On a phone the focus would open the keyboard over the page.
  useLayoutEffect(() => {
    if (matchMedia("(hover: hover)").matches) field.current?.focus();
  }, [conversation]);

  const send = () => {
    if (canSend) void sendDraft(conversation);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isSendKey(event)) send();
    else if (event.key !== "ArrowUp" || draft.value !== "" || !editLast(conversation)) return;
    event.preventDefault();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        rows={1}
        dir="auto"
        aria-label={strings.placeholder}
        aria-describedby="composer-note"
        placeholder={strings.placeholder}
        enterkeyhint="send"
        value={draft.value}
        readOnly={phase === "sending"}
        onInput={(event) => {
          draft.value = event.currentTarget.value;
          warmUp();
        }}
        onKeyDown={keys(onKeyDown)}
      />
      {phase === "idle" ? (
        // Two buttons, not one that changes under the finger: a click on Stop must not end as one on Send.
        <button key="send" class="round" disabled={!canSend} aria-label={strings.send} title={strings.send}>
          <Icon name="send" />
        </button>
      ) : (
        <button
          key="stop"
          type="button"
          class="round"
          disabled={phase === "stopping"}
          aria-label={strings.stop}
          title={strings.stop}
          onClick={() => conversation.stop()}
        >
          <Icon name="stop" />
        </button>
      )}
      <p class="composer-note" id="composer-note">
        {length > 0 ? (
          <CharacterCount length={length} />
        ) : blocked !== null ? (
          <span class="trouble">{blocked}</span>
        ) : (
          <span class="unseen">{strings.keys}</span>
        )}
      </p>
    </form>
  );
}

/** Opens the visitor's last message for editing, if there is one. */
function editLast(conversation: Conversation): boolean {
  const last = conversation.messages.value.findLast(({ role }) => role === "user");
  if (!last || conversation.phase.value !== "idle") return false;
  conversation.editing.value = last.id;
  return true;
}
