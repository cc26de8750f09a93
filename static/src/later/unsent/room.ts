/** Where what is sent without a connection waits, as the conversations know it. */
import { effect, untracked } from "@preact/signals";
import type { Problem } from "../../api/problem.ts";
import { announce } from "../../state/announcer.ts";
import { minute } from "../../state/clock.ts";
import { connection } from "../../state/connection.ts";
import { asKept } from "../../state/conversation/draft.ts";
import { newKey } from "../../state/conversation/outbox.ts";
import { type Room, type Speaker, room } from "../../state/conversation/room.ts";
import { current, fresh } from "../../state/conversations.ts";
import { notify } from "../../state/notices.ts";
import { refusal } from "../../state/refusal.ts";
import { open } from "../../state/route.ts";
import { type Unsent, add, adopt, confirm, forget, has, isOld, unsent } from "./kept.ts";
import { keepItself } from "./keepItself.ts";
import { begin, mayGo, wake } from "./sending.ts";
import { words } from "./strings.ts";

/** What waits in `conversation`, also what is on its way. */
function allIn({ id }: Speaker): readonly Unsent[] {
  return unsent.value.filter(({ session }) => session === id.value);
}

const waitingIn: Room["waitingIn"] = (conversation) => {
  const going = conversation.outgoing.value === null ? undefined : conversation.outbox.pending?.key;
  // Looked at anew each minute.
  const now = minute.value && Date.now();
  let isBehind = false;
  return allIn(conversation)
    .filter(({ key }) => key !== going)
    .map((one) => {
      const { key, text } = one;
      // A tab that was closed while it sent has left its mark: without a connection none sends.
      if (one.isGoing && mayGo()) return { key, text, state: words.going, isGoing: true };
      if (!isOld(one, now)) return { key, text, state: isBehind ? words.after : words.waits };
      isBehind = true;
      return { key, text, state: words.ask, confirm: () => send(one) };
    });
};

/** It was waited for long enough. */
function send(one: Unsent): void {
  wake();
  confirm(one);
}

const takes: Room["takes"] = (conversation) => {
  const before = allIn(conversation);
  // What follows something that goes out by itself comes after it.
  if (connection.value !== "offline" && before.every((one) => isOld(one))) return false;
  const { draft, outbox, thread } = conversation;
  const text = asKept(draft.text.value);
  // What was tried before, and failed, keeps its key: the server may have it.
  const { pending } = outbox;
  // What waits here already has that key for itself: said again, it is another.
  const tried =
    pending && !pending.isOpen && !has(pending.key) && conversation.isDraftOf(pending.turn) ? pending : null;
  const turn = tried?.turn ?? thread.sendingOf(text);
  // What comes after something that waits comes after that; what was tried must be the same turn again.
  const parentId = turn.do === "send" ? turn.parentId : null;
  const { value: session } = conversation.id;
  // What was said while an answer was written comes before it: it moves in, under its keys.
  const waited = outbox.waiting.peek();
  const at = Date.now();
  const those = [...waited, { key: tried?.key ?? newKey(), text }].map(({ key, text }, index) => ({
    key,
    text,
    session,
    at,
    parentId: key === tried?.key || (index === 0 && before.length === 0) ? parentId : null,
  }));
  // What the browser cannot keep stays where it is: another tab, or the next page, would lose it.
  if (!add(...those)) return false;
  for (const { key } of waited) outbox.take(key);
  draft.dispatch(text);
  draft.clear(text, false);
  if (tried) outbox.resolve();
  conversation.problem.value = null;
  announce("notice", words.waits);
  return true;
};

/** Whether nothing is wrong with the words: a server that restarts, or a proxy before it, would have them all welded into one. */
function isPassing({ code, retryAt, status = 0 }: Problem): boolean {
  return code === "offline" || retryAt !== undefined || status >= 500 || refusal.peek() !== null;
}

const settles: Room["settles"] = (conversation, key, problem) => {
  if (!has(key)) return false;
  // It goes on to wait where nothing is wrong with it.
  if (problem && isPassing(problem)) return true;
  const all = allIn(conversation);
  if (problem && (problem.code === "session_not_found" || conversation.thread.reading.peek() === "missing")) {
    // Where nothing can be said, nobody would find them.
    for (const { key, text } of all) {
      forget(key);
      fresh.peek().draft.append(text);
    }
    conversation.problem.value = null;
    notify({ kind: "problem", text: words.deleted, action: { label: words.show, run: () => open(null) } });
    return true;
  }
  for (const one of all.toReversed()) conversation.takeBack(one);
  announce("returned");
  return true;
};

room.value = { waitingIn, takes, has, forget, adopt, settles };

// What was on its way when this tab was left stands in the field where nobody could be asked, if that was before all this was here.
effect(() => {
  const { draft, outbox } = current.value;
  const { pending } = outbox;
  if (pending && !pending.isOpen && has(pending.key))
    untracked(() => {
      if (current.peek().dispatchDraft(pending.turn) && pending.turn.do === "send")
        draft.clear(pending.turn.content, false);
    });
});
begin();
keepItself();
