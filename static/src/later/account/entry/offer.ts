/** Offers an account to a guest, once, when the fifth answer has come. */
import { effect } from "@preact/signals";
import { current } from "../../../state/conversations.ts";
import { notify } from "../../../state/notices.ts";
import { load, store } from "../../../state/storage.ts";
import { isSignedIn } from "../../../state/visitor.ts";
import { words } from "./strings.ts";

const AFTER = 5;
const KEY = "answers";
const OFFERED = "offered";

/** `accept` opens what is offered. */
export function watchAnswers(accept: () => void): void {
  let before = current.peek();
  let wasAnswering = false;
  effect(() => {
    const conversation = current.value;
    const isAnswering = conversation.phase.value !== "idle";
    const hasEnded = conversation === before && wasAnswering && !isAnswering;
    [before, wasAnswering] = [conversation, isAnswering];
    if (hasEnded && conversation.messages.peek().at(-1)?.status.peek() === "complete") count(accept);
  });
}

function count(accept: () => void): void {
  const before = load(KEY);
  if (isSignedIn.peek() || before === OFFERED) return;
  const answers = Number(before) + 1;
  store(KEY, answers < AFTER ? String(answers) : OFFERED);
  if (answers >= AFTER) notify({ kind: "done", text: words.offer, action: { label: words.makeOne, run: accept } });
}
