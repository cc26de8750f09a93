/** Thumbs under an answer, and why, if its reader wants to say it. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { TEMPORARY } from "../../api/messages.ts";
import { requestJson } from "../../api/request.ts";
import type { Vote } from "../../api/types.ts";
import { keys } from "../../browser/keys.ts";
import type { ShownMessage } from "../../state/conversation/message.ts";
import { notify } from "../../state/notices.ts";
import { words } from "./strings.ts";
import "./votes.css";

export interface Props {
  message: ShownMessage;
  /** The chat; null: it is none yet. Of one that is not kept nothing is said. */
  session: string | null;
}

/** The API's limit. */
const LONGEST_REASON = 500;

const PATH = "M6 9l3-6c1.4 0 2 1 2 2v3h4.2c1 0 1.6.9 1.4 1.8l-1 5c-.2.7-.7 1.2-1.4 1.2H6zM6 9H3.5v7H6";

export function Votes({ message, session }: Props) {
  const given = useSignal<Vote | null>(message.vote ?? null);
  const isAsking = useSignal(false);
  /** One call after the other: the last wish is the one that stays. */
  const calls = useRef<Promise<unknown>>(Promise.resolve());
  const field = useRef<HTMLTextAreaElement>(null);
  const down = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (isAsking.value) field.current?.focus();
  }, [isAsking.value]);
  if (session === null || session === TEMPORARY || message.isUnsaved.value || !message.hasText.value) return null;

  /** It is shown at once, and taken back if it was not kept. */
  const say = (vote: Vote | null, reason: string | null): Promise<boolean> => {
    given.value = vote;
    const path = `/chat/sessions/${encodeURIComponent(session)}/messages/${encodeURIComponent(message.id)}/feedback`;
    const call = calls.current
      .then(() => requestJson(path, { method: "PUT", body: { vote, reason } }))
      .then(
        () => {
          message.vote = vote;
          return true;
        },
        () => {
          if (given.peek() === vote) given.value = message.vote ?? null;
          notify({ kind: "problem", text: words.failed });
          return false;
        },
      );
    calls.current = call;
    return call;
  };
  const toggle = async (vote: Vote) => {
    const next = given.peek() === vote ? null : vote;
    isAsking.value = false;
    if ((await say(next, null)) && given.peek() === "down") isAsking.value = true;
  };
  const leave = () => {
    isAsking.value = false;
    down.current?.focus();
  };
  const send = async () => {
    const reason = field.current?.value.trim();
    if (!reason) leave();
    else if (await say("down", reason)) {
      leave();
      notify({ kind: "done", text: words.thanks });
    }
  };
  return (
    <>
      <span class={given.value ? "votes given" : "votes"}>
        {(["up", "down"] as const).map((vote) => (
          <button
            key={vote}
            ref={vote === "down" ? down : null}
            class="quiet"
            aria-label={words[vote]}
            title={words[vote]}
            aria-pressed={given.value === vote}
            onClick={() => void toggle(vote)}
          >
            <svg class={`icon ${vote}`} viewBox="0 0 20 20" aria-hidden="true">
              <path d={PATH} />
            </svg>
          </button>
        ))}
      </span>
      {isAsking.value && (
        <form
          class="why"
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
          onKeyDown={keys((event) => {
            if (event.key === "Escape") leave();
          })}
        >
          <label>
            {words.why}
            <textarea ref={field} rows={2} maxLength={LONGEST_REASON} dir="auto" />
          </label>
          <button>{words.send}</button>
          <button type="button" onClick={leave}>
            {words.skip}
          </button>
        </form>
      )}
    </>
  );
}
