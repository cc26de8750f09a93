/** One message, the state it is in, and what can be done with it. */
import { useEffect, useRef } from "preact/hooks";
import { withFewMarks } from "../../text/marks.ts";
import { tongueOf } from "../../text/tongues.ts";
import type { Conversation } from "../../state/conversation/conversation.ts";
import type { ShownMessage } from "../../state/conversation/message.ts";
import { Actions } from "./Actions.tsx";
import { editField, loadEditField } from "./loadEditField.ts";
import { Markdown } from "./Markdown.tsx";
import { markdown } from "./loadMarkdown.ts";
import { MessageState } from "./MessageState.tsx";
import { strings } from "../strings.ts";
import { useSettled } from "./useSettled.ts";

interface Props {
  message: ShownMessage;
  conversation: Conversation;
  /** Wants another version of the message. */
  onTurn: (message: ShownMessage, step: 1 | -1) => void;
}

export function Message({ message, conversation, onTurn }: Props) {
  const isVisitor = message.role === "user";
  const article = useRef<HTMLElement>(null);
  const wantsEdit = isVisitor && conversation.edits.open.value === message.id;
  const EditField = wantsEdit && editField.value;
  const isEdited = Boolean(EditField);
  useEffect(() => {
    if (wantsEdit && !isEdited) void loadEditField();
  }, [wantsEdit, isEdited]);
  // Raw text has another height than what the renderer makes of it.
  const isRendered = isVisitor || Boolean(markdown.value);
  useSettled(article, isRendered && message.status.value !== "streaming" && !isEdited);
  if (EditField)
    return (
      <article class="message" tabIndex={-1} data-message={message.id} ref={article}>
        <h2 class="unseen">{strings.you}</h2>
        <EditField message={message} conversation={conversation} />
      </article>
    );
  return (
    <article
      class={isVisitor ? "message mine" : "message"}
      aria-busy={message.status.value === "streaming"}
      aria-label={isVisitor ? strings.you : strings.assistant}
      tabIndex={-1}
      data-message={message.id}
      ref={article}
    >
      <h2 class="unseen">{isVisitor ? strings.you : strings.assistant}</h2>
      {isVisitor ? (
        <div class="bubble" dir="auto" lang={tongueOf(message.text.value)}>
          {withFewMarks(message.text.value)}
        </div>
      ) : (
        <Markdown message={message} />
      )}
      <MessageState message={message} conversation={conversation} />
      <Actions message={message} conversation={conversation} onTurn={onTurn} />
    </article>
  );
}
