/** Where the visitor writes. What is sent stands in the thread at once, and comes back if the server does not accept it. */
import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Conversation } from "../../state/conversation/conversation.ts";
import { connection } from "../../state/connection.ts";
import { room } from "../../state/conversation/room.ts";
import { sendDraft } from "../../state/conversations.ts";
import { longestMessage } from "../../state/config.ts";
import { acts } from "../acts.ts";
import { CharacterCount } from "./CharacterCount.tsx";
import { Icon } from "../Icon.tsx";
import { enterSends, isSendKey } from "./isSendKey.ts";
import { keys } from "../../browser/keys.ts";
import { lazily } from "../../browser/lazily.ts";
import { whenIdle } from "../../browser/whenIdle.ts";
import type { Attachments } from "../../later/attachments/Attachments.tsx";
import { lengthNearLimit } from "./messageLength.ts";
import { reasonNotToSend } from "./reasonNotToSend.ts";
import { timeLeft } from "../notices/Trouble.tsx";
import { strings } from "../strings.ts";
import { withFewMarks } from "../../text/marks.ts";
import { useGrowing } from "./useGrowing.ts";
import { warmUp } from "./warmUp.ts";

/** Long pastes and text files, once the browser is idle; false: they could not be loaded. */
const attachments = signal<typeof Attachments | null | false>(null);
whenIdle(() => {
  lazily(() => import("../../later/attachments/Attachments.tsx")).then(
    (module) => (attachments.value = module.Attachments),
    () => (attachments.value = false),
  );
});

export function Composer({ conversation }: { conversation: Conversation }) {
  const { draft } = conversation;
  const Attachments = attachments.value;
  const field = useRef<HTMLTextAreaElement>(null);
  const phase = conversation.phase.value;
  const isIdle = phase === "idle";
  const text = draft.text.value;
  const length = lengthNearLimit(text);
  const blocked = reasonNotToSend();
  const canSend =
    (blocked === null || (room.value && connection.value === "offline")) &&
    timeLeft({ retryAt: conversation.retryAt.value }) <= 0 &&
    length <= longestMessage.value &&
    text.trim() !== "";
  const { Beside } = acts.value ?? {};
  const sendName = isIdle ? strings.send : strings.sendLater;

  useGrowing(field, text);
  // On a phone the focus would open the keyboard over the page.
  useLayoutEffect(() => {
    if (matchMedia("(hover: hover)").matches) field.current?.focus();
  }, [conversation]);

  // Nothing is kept out of sight: it stands in the field then.
  useEffect(() => {
    if (Attachments === false) draft.clean();
  }, [draft, Attachments]);

  const send = () => {
    if (canSend) void sendDraft(conversation);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isSendKey(event)) send();
    else if (event.key !== "ArrowUp" || text !== "" || !editLast(conversation)) return;
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
      {Attachments && <Attachments draft={draft} field={field} />}
      <textarea
        ref={field}
        rows={1}
        dir="auto"
        aria-label={strings.placeholder}
        id="composer"
        aria-describedby="composer-note"
        placeholder={strings.placeholder}
        enterkeyhint={enterSends.value ? "send" : "enter"}
        value={withFewMarks(draft.words)}
        onInput={(event) => {
          draft.words = event.currentTarget.value;
          warmUp();
        }}
        onKeyDown={keys(onKeyDown)}
      />
      {/* Two buttons, never one that becomes the other under the finger. */}
      <div class="composer-buttons">
        {Beside && <Beside key="beside" conversation={conversation} />}
        {!isIdle && (
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
        {(isIdle || text !== "") && (
          <button key="send" class="round" disabled={!canSend} aria-label={sendName} title={sendName}>
            <Icon name="send" />
          </button>
        )}
      </div>
      <p class="composer-note" id="composer-note">
        {blocked !== null && <span class="trouble">{blocked} </span>}
        {length > 0 ? (
          <CharacterCount length={length} />
        ) : blocked !== null ? null : (
          <span class="unseen">{enterSends.value ? strings.keys : strings.keysTurned}</span>
        )}
      </p>
    </form>
  );
}

/** Opens the visitor's last message for editing, if there is one, or takes back the one that waits. */
function editLast(conversation: Conversation): boolean {
  const waiting = conversation.waiting.value.findLast(({ isGoing }) => !isGoing);
  if (waiting) {
    conversation.takeBack(waiting);
    return true;
  }
  const last = conversation.messages.value.findLast(({ role }) => role === "user");
  if (!last || conversation.phase.value !== "idle") return false;
  conversation.edits.open.value = last.id;
  return true;
}
