/** Where what is sent without a connection waits, as the conversations know it. */
import { effect, untracked } from "@preact/signals";
import { serverNow } from "../../api/serverClock.ts";
import type { Problem } from "../../api/problem.ts";
import { announce } from "../../state/announcer.ts";
import { minute } from "../../state/clock.ts";
import { connection } from "../../state/connection.ts";
import { asKept } from "../../state/conversation/draft.ts";
import { newKey } from "../../state/conversation/outbox.ts";
import { type Room, type Speaker, room } from "../../state/conversation/room.ts";
import { current } from "../../state/conversations.ts";
import { refusal } from "../../state/refusal.ts";
import { type Unsent, adopt, change, confirm, forget, has, isOld, unsent } from "./kept.ts";
import { keepItself } from "./keepItself.ts";
import { begin, wake } from "./sending.ts";
import { words } from "./strings.ts";

/** What waits in `conversation`, also what is on its way. */
function allIn({ id }: Speaker): readonly Unsent[] {
  return unsent.value.filter(({ session }) => session === id.value);
}

const waitingIn: Room["waitingIn"] = (conversation) => {
  const going = conversation.outgoing.value === null ? undefined : conversation.outbox.pending?.key;
  return allIn(conversation)
    .filter(({ key }) => key !== going)
    .map((one) => {
      const { key, text } = one;
      return isOld(one, minute.value)
        ? { key, text, state: words.ask, confirm: () => send(one) }
        : { key, text, state: words.waits };
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
  // With its key it must be the same turn. What comes after something that waits comes after that.
  const parentId = turn.do === "send" && (tried || before.length === 0) ? turn.parentId : null;
  const { value: session } = conversation.id;
  // What the browser cannot keep stays in the field: another tab, or the next page, would lose it.
  if (!change((all) => [...all, { key: tried?.key ?? newKey(), text, session, parentId, at: serverNow() }]))
    return false;
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
  for (const one of allIn(conversation).toReversed()) conversation.takeBack(one);
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
