/**
 * Sends what has waited for a connection: one after the other, in one tab. Whichever tab takes it over, the server knows each by its key, so
 * that what two of them send is answered, and counted, once.
 */
import { effect, untracked } from "@preact/signals";
import { connection } from "../../state/connection.ts";
import type { Conversation } from "../../state/conversation/conversation.ts";
import { BY_PAGE, conversation, current, fresh, refreshCurrent, run, show } from "../../state/conversations.ts";
import { notify } from "../../state/notices.ts";
import { exhausted } from "../../state/quota.ts";
import { refusal } from "../../state/refusal.ts";
import { open, openSessionId } from "../../state/route.ts";
import { type Unsent, has, isOld, mark, next, unsent } from "./kept.ts";
import { words } from "./strings.ts";

/** Whether this tab sends, or waits for its turn to. */
let isGoing = false;

/** How long it rests after something was in its way, in milliseconds: a server that fails is not asked every moment. It doubles up to the longest. */
const FIRST_REST = 2000;
const LONGEST_REST = 300_000;
/** How long a tab that nobody looks at leaves it to the others, in milliseconds. */
const HIDDEN_WAITS = 3000;
let pause = 0;
let resting: ReturnType<typeof setTimeout> | undefined;

/** From now on it goes out whenever it may. */
export function begin(): void {
  // A network that has come back is another one.
  effect(() => {
    if (connection.value === "offline") wake();
  });
  effect(() => {
    if (mayGo() && next(unsent.value)) untracked(goOn);
  });
  // Where there are no locks, this tab may be the one that is looked at now.
  document.addEventListener("visibilitychange", goOn);
  effect(askForOld);
  effect(follow);
}

export const mayGo = () => connection.value === "online" && !exhausted.value && !refusal.value;

function goOn(): void {
  if (isGoing || resting !== undefined || !mayGo() || !next(unsent.peek())) return;
  isGoing = true;
  // Where the storage is forbidden meanwhile, so are locks.
  inOneTab(sendAll).catch(() => (isGoing = false));
}

function rest(): void {
  pause = Math.min(pause * 2 || FIRST_REST, LONGEST_REST);
  resting = setTimeout(() => {
    resting = undefined;
    goOn();
  }, pause);
}

/** The visitor, or another network, wants it tried now. */
export function wake(): void {
  clearTimeout(resting);
  resting = undefined;
  pause = 0;
}

/** Pages that are not secure have no locks: there only the tab that is looked at sends. */
async function inOneTab(work: () => Promise<void>): Promise<void> {
  if ("locks" in navigator) {
    // The tab that is looked at comes first: its reader sees the answers come.
    if (document.hidden) await new Promise((resolve) => setTimeout(resolve, HIDDEN_WAITS));
    await navigator.locks.request("edgewise.unsent", work);
  } else if (document.hidden) isGoing = false;
  else await work();
}

async function sendAll(): Promise<void> {
  try {
    for (let isFirst = true; ; isFirst = false) {
      // Another tab may have sent some of it while this one waited.
      mark();
      const one = next(unsent.peek());
      if (!one && isFirst) await refreshCurrent();
      if (!one || !mayGo()) return;
      await send(one);
      // Something is in its way.
      if (has(one.key)) {
        rest();
        return;
      }
      pause = 0;
    }
  } finally {
    // Before the lock is free: what is said from now on asks for it anew.
    isGoing = false;
  }
}

async function send({ key, text, session, parentId }: Unsent): Promise<void> {
  const chat = session === null ? fresh.peek() : conversation(session);
  // What it comes after is read, and an answer that is under way is heard to its end.
  if (session !== null) await show(chat);
  await whenIdle(chat);
  // It was taken back meanwhile, or was what this tab had sent when it was left.
  if (!has(key) || !mayGo() || chat.phase.peek() !== "idle") return;
  mark(key);
  await run(chat, { do: "send", content: text, parentId }, { ...BY_PAGE, key });
  if (has(key)) mark();
  if (has(key) || chat === current.peek() || !chat.problem.peek()) return;
  notify({ kind: "problem", text: words.refused, action: { label: words.show, run: () => open(chat.id.peek()) } });
}

async function whenIdle({ phase }: Conversation): Promise<void> {
  let unsubscribe: (() => void) | undefined;
  await new Promise<void>((resolve) => {
    unsubscribe = effect(() => {
      if (phase.value === "idle") resolve();
    });
  });
  unsubscribe?.();
}

let isAsked = false;

/** The question itself stands in the chat: whoever looks at another one is told where. */
function askForOld(): void {
  const old = unsent.value.find((one) => isOld(one));
  if (!old || isAsked || connection.value !== "online") return;
  isAsked = true;
  if (openSessionId.peek() !== old.session)
    notify({ kind: "problem", text: words.old, action: { label: words.show, run: () => open(old.session) } });
}

/** What was said in the new chat on this screen. */
let here = new Set<string>();

/** Another tab has sent what was said in the new chat: this is the same one, and goes where that has gone. */
function follow(): void {
  const moved = unsent.value.find(({ key, session }) => session !== null && here.has(key));
  here = new Set(unsent.value.flatMap(({ key, session }) => (session === null ? [key] : [])));
  untracked(() => {
    // Where this tab has sent it, the new chat has gone there by itself.
    if (moved && openSessionId.value === null && fresh.value.id.value === null) open(moved.session, "replace");
  });
}
