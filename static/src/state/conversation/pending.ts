/**
 * What was asked for and has not been taken yet, one a session, kept in this tab across reloads: asked for again it has the same
 * key, so that it is answered, and counted, once.
 */
import type { Turn } from "../../api/messages.ts";
import type { Role } from "../../api/types.ts";
import { asKept } from "./drafts.ts";
import { load, store } from "../storage.ts";

export interface Pending {
  turn: Turn;
  key: string;
  /** The newest message there was. */
  after: string;
  /** Whether nobody knows what became of it: the page was left while it was on its way. */
  isOpen: boolean;
}

export function pendingOf(sessionId: string | null): Pending | null {
  const kept = load(nameOf(sessionId), "tab");
  return kept === null ? null : (JSON.parse(kept) as Pending);
}

/** Notes that `turn` is on its way. The same turn as the one before is that one, tried again. */
export function setOut(sessionId: string | null, turn: Turn, after: string): Pending {
  const before = pendingOf(sessionId);
  const isSame = before !== null && JSON.stringify(before.turn) === JSON.stringify(turn);
  const pending = isSame ? { ...before, isOpen: true } : { turn, key: newKey(), after, isOpen: true };
  keep(sessionId, pending);
  isLeft = false;
  underWay.add(sessionId);
  addEventListener("beforeunload", leave);
  return pending;
}

/** A page that is left sees its calls fail: nobody learns what became of them. Firefox fails them before it hides the page. */
let isLeft = false;
const leave = () => (isLeft = true);
addEventListener("pagehide", leave);
addEventListener("pageshow", () => (isLeft = false));
/** `beforeunload` is listened to only meanwhile: a page that always does is not kept for the way back. */
const underWay = new Set<string | null>();

function arrive(sessionId: string | null): void {
  underWay.delete(sessionId);
  if (underWay.size === 0) removeEventListener("beforeunload", leave);
}

/** Notes that the visitor knows it was not taken. Whether it was all the same, the server knows. */
export function turnBack(sessionId: string | null): void {
  const pending = pendingOf(sessionId);
  if (pending && !isLeft) keep(sessionId, { ...pending, isOpen: false });
  arrive(sessionId);
}

/** Forgets it: it was taken, or can never be. */
export function settle(sessionId: string | null): void {
  store(nameOf(sessionId), null, "tab");
  arrive(sessionId);
}

/** A new chat has become a session: what was asked for in it belongs there. */
export function moveTo(sessionId: string): void {
  const pending = pendingOf(null);
  if (pending) keep(sessionId, pending);
  settle(null);
}

/** A message as far as it matters here. */
interface Known {
  id: string;
  parentId: string | null;
  role: Role;
  text: { value: string };
}

/** What came of it, if it is among `messages`: the visitor's message, or the answer if nothing was said anew. */
export function foundIn<T extends Known>({ turn, after }: Pending, messages: readonly T[]): T | undefined {
  const isNew = ({ id }: T) => id > after;
  switch (turn.do) {
    case "send":
    case "edit":
      return messages.find((one) => isNew(one) && one.role === "user" && one.text.value === asKept(turn.content));
    case "regenerate": {
      const target = messages.find(({ id }) => id === turn.messageId);
      const question = target?.role === "user" ? target.id : target?.parentId;
      return messages.find((one) => isNew(one) && one.role === "assistant" && one.parentId === question);
    }
    case "continue":
      // It leaves no message behind that was not there before.
      return undefined;
  }
}

function keep(sessionId: string | null, pending: Pending): void {
  store(nameOf(sessionId), JSON.stringify(pending), "tab");
}

function nameOf(sessionId: string | null): string {
  return `pending.${sessionId ?? "new"}`;
}

/** Not `randomUUID`, which pages without https do not have. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
