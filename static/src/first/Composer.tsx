/** Where the visitor writes. The text stays until the server has taken it. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Conversation } from "../state/conversation.ts";
import { sendDraft } from "../state/conversations.ts";
import { now } from "../state/clock.ts";
import { connection } from "../state/connection.ts";
import { draftOf } from "../state/drafts.ts";
import { exhausted } from "../state/quota.ts";
import { Icon } from "./Icon.tsx";
import { strings } from "./strings.ts";
import { duration, number } from "./wording.ts";
import { warmUp } from "./warmUp.ts";

/** The API's default limit, in characters; it counts code points, as we do. */
const LONGEST_MESSAGE = 4000;
/** From here on the count is shown. */
const NEARLY_FULL = 0.8 * LONGEST_MESSAGE;

export function Composer({ conversation }: { conversation: Conversation }) {
  const draft = draftOf(conversation.id.value);
  const field = useRef<HTMLTextAreaElement>(null);
  const phase = conversation.phase.value;
  const length = draft.value.length > NEARLY_FULL ? Array.from(draft.value).length : 0;
  const blocked = reasonNotToSend();
  const canSend = phase === "idle" && blocked === null && length <= LONGEST_MESSAGE && draft.value.trim() !== "";

  useGrowing(field, draft.value);
  // On a phone the focus would open the keyboard over the page.
  useLayoutEffect(() => {
    if (matchMedia("(hover: hover)").matches) field.current?.focus();
  }, [conversation]);

  const send = () => {
    if (canSend) void sendDraft(conversation, draft);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    // An Enter that ends an IME composition is no Enter. Safari ends the composition first and says 229.
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing newer tells
    if (event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
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
        onKeyDown={onKeyDown}
      />
      {phase === "idle" ? (
        <button class="round" disabled={!canSend} aria-label={strings.send} title={strings.send}>
          <Icon name="send" />
        </button>
      ) : (
        <button
          type="button"
          class="round"
          aria-label={strings.stop}
          title={strings.stop}
          onClick={() => conversation.stop()}
        >
          <Icon name="stop" />
        </button>
      )}
      <p class="composer-note" id="composer-note">
        {length > 0 ? (
          <span class={length > LONGEST_MESSAGE ? "trouble" : ""}>
            {strings.characters(number(length), number(LONGEST_MESSAGE))}
          </span>
        ) : blocked !== null ? (
          <span class="trouble">{blocked}</span>
        ) : (
          <span class="unseen">{strings.keys}</span>
        )}
      </p>
    </form>
  );
}

function reasonNotToSend(): string | null {
  if (connection.value === "offline") return strings.noNetwork;
  if (!exhausted.value) return null;
  const time = duration(exhausted.value.resetAt - now.value);
  return exhausted.value.which === "day" ? strings.atDailyLimit(time) : strings.atMinuteLimit(time);
}

/** Grows the field with its text where the browser's own `field-sizing` does not. */
function useGrowing(field: { current: HTMLTextAreaElement | null }, text: string): void {
  useLayoutEffect(() => {
    const element = field.current;
    if (!element || CSS.supports("field-sizing", "content")) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [field, text]);
}
