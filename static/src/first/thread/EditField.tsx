/** A message of the visitor in a field of its own, to be said in other words. What it said before stays as another version. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Conversation } from "../../state/conversation/conversation.ts";
import { edit } from "../../state/conversations.ts";
import { longestMessage } from "../../state/config.ts";
import type { ShownMessage } from "../../state/conversation/message.ts";
import { CharacterCount } from "../composer/CharacterCount.tsx";
import { Trouble } from "../notices/Trouble.tsx";
import { focusComposer } from "../composer/focusComposer.ts";
import { enterSends, isSendKey } from "../composer/isSendKey.ts";
import { keys } from "../../browser/keys.ts";
import { lengthNearLimit } from "../composer/messageLength.ts";
import { reasonNotToSend } from "../composer/reasonNotToSend.ts";
import { strings } from "../strings.ts";
import { withFewMarks } from "../../text/marks.ts";
import { useGrowing } from "../composer/useGrowing.ts";
import { warmUp } from "../composer/warmUp.ts";
import "./edit.css";

export function EditField({ message, conversation }: { message: ShownMessage; conversation: Conversation }) {
  const text = conversation.edits.textOf(message);
  const field = useRef<HTMLTextAreaElement>(null);
  const length = lengthNearLimit(text.value);
  const isSending = conversation.actingOn.value === message.id;
  const isAnswering = conversation.phase.value !== "idle" && !isSending;
  const reason = isAnswering ? strings.answerFirst : reasonNotToSend();
  const canSend = !isSending && reason === null && length <= longestMessage.value && text.value.trim() !== "";
  const problem = message.problem.value;

  useGrowing(field, text.value);
  useLayoutEffect(() => {
    const element = field.current;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
    // The field closes when the edit was accepted or given up. The focus moves to the composer then, unless another edit is open or the
    // device has no keyboard.
    return () => {
      requestAnimationFrame(() => {
        if (matchMedia("(hover: hover)").matches && !document.querySelector(".edit")) focusComposer();
      });
    };
  }, []);

  const send = () => {
    if (canSend) void edit(conversation, message, text.value);
  };
  const cancel = () => {
    conversation.edits.end(message.id);
    message.problem.value = null;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isSendKey(event)) send();
    else if (event.key !== "Escape" || isSending) return;
    else cancel();
    event.preventDefault();
  };

  return (
    <form
      class="edit"
      aria-label={strings.edit}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        dir="auto"
        aria-label={strings.edit}
        enterkeyhint={enterSends.value ? "send" : "enter"}
        value={withFewMarks(text.value)}
        readOnly={isSending}
        onInput={(event) => {
          text.value = event.currentTarget.value;
          warmUp();
        }}
        onKeyDown={keys(onKeyDown)}
      />
      {problem && (
        <p class="state trouble" role="alert">
          <Trouble problem={problem} />
        </p>
      )}
      {!problem && reason !== null && <p class="state">{reason}</p>}
      <div class="edit-buttons">
        {length > 0 && <CharacterCount length={length} />}
        <button type="button" onClick={cancel} disabled={isSending}>
          {strings.cancel}
        </button>
        <button class="main-choice" disabled={!canSend}>
          {isSending ? strings.sending : strings.send}
        </button>
      </div>
    </form>
  );
}
