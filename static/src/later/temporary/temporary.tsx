/** The way into a temporary chat and out of it, in the bar above the chat; and the offer of one, where chats cannot be kept. */
import { computed, effect, untracked } from "@preact/signals";
import { render } from "preact";
import { TEMPORARY } from "../../api/messages.ts";
import { isLetter, onKeys } from "../../browser/keys.ts";
import { Conversation } from "../../state/conversation/conversation.ts";
import { storageKey } from "../../state/conversation/storageKey.ts";
import { current, fresh, sendDraft } from "../../state/conversations.ts";
import { notify } from "../../state/notices.ts";
import { open, openSessionId } from "../../state/route.ts";
import { store } from "../../state/storage.ts";
import { TemporaryConversation } from "./TemporaryConversation.ts";
import { forget, kept } from "./kept.ts";
import { words } from "./strings.ts";
import "./temporary.css";

/** The temporary chat of this tab, if it is in one; it is the new chat then. */
const chat = computed(() => (fresh.value instanceof TemporaryConversation ? fresh.value : null));

/** Puts what stands in the bar there, and takes up the chat that a reload has left. Called once. */
export function begin(): void {
  const left = kept();
  if (left) fresh.value = new TemporaryConversation(left.of, left.messages);
  // The page never draws there itself: it puts what it has before it.
  const host = document.createElement("div");
  host.className = "temporary";
  document.querySelector(".bar")?.append(host);
  render(<Switch />, host);

  addEventListener("pagehide", () => chat.peek()?.keep());
  // The way to a new chat leads out of this one, though its address is the same.
  addEventListener(
    "click",
    ({ target }) => {
      if (openSessionId.peek() === null && target instanceof Element && target.closest(".new-chat")) leave();
    },
    true,
  );
  onKeys((event) => {
    const isNewChat = (event.ctrlKey || event.metaKey) && event.shiftKey && isLetter(event, "o");
    if (isNewChat && !document.querySelector("dialog[open]")) leave();
  });
  effect(() => {
    if (current.value !== chat.value && current.value.problem.value?.code === "storage_unavailable") untracked(offer);
  });
}

function Switch() {
  if (openSessionId.value !== null) return null;
  const isOn = chat.value !== null;
  return (
    <>
      {isOn && (
        <span class="temporary-note" id="temporary-note" title={words.explained}>
          {words.note} <span class="unseen">{words.explained}</span>
        </span>
      )}
      <button
        class="quiet"
        role="switch"
        aria-checked={isOn}
        aria-label={words.name}
        aria-describedby={isOn ? "temporary-note" : undefined}
        title={isOn ? words.name : `${words.name}. ${words.explained}`}
        onClick={() => (isOn ? leave() : enter())}
      >
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
          <path d="M10 3a7 7 0 1 1-5 2M10 6v4l2.5 1.5" />
          <path d="M5 5h-2M5 5v-2" />
        </svg>
      </button>
    </>
  );
}

/** The new chat is temporary from now on. Words that stand in it go along, and out of the browser's storage. */
function enter(): TemporaryConversation {
  // What one before it has left in the tab is not this one's.
  for (const what of ["draft", "outbox", "pending"]) store(storageKey(what, TEMPORARY), null, "tab");
  const next = new TemporaryConversation();
  next.draft.text.value = "";
  const { draft } = fresh.peek();
  next.draft.append(draft.text.peek());
  draft.text.value = "";
  fresh.value = next;
  next.keep();
  return next;
}

/** Ends it. Nothing is asked: there is a way back for a moment. */
function leave(): void {
  const left = chat.peek();
  if (!left) return;
  const next = new Conversation(null);
  if (!left.hasSomething) {
    next.draft.append(left.draft.text.peek());
    left.draft.text.value = "";
  }
  left.stop();
  left.isHere = false;
  fresh.value = next;
  forget();
  if (!left.hasSomething) return;
  const back = () => {
    open(null);
    fresh.value = left;
    left.isHere = true;
    left.keep();
  };
  notify({ kind: "done", text: words.gone, action: { label: words.back, run: back, isUndo: true } });
}

/** Chats cannot be kept at the moment: what was said can be said where nothing is. */
function offer(): void {
  const from = current.peek();
  const run = () => {
    const text = from.draft.text.peek();
    from.draft.text.value = "";
    from.problem.value = null;
    open(null);
    const there = chat.peek() ?? enter();
    there.draft.append(text);
    if (text.trim() !== "") void sendDraft(there);
  };
  notify({ kind: "problem", text: words.away, action: { label: words.askThere, run } });
}
