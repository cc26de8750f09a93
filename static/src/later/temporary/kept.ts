/** What this tab keeps of a temporary chat, so that a reload does not end it. The browser keeps nothing. */
import { claimsOf } from "../../api/claims.ts";
import { keptToken } from "../../api/token.ts";
import type { MessageStatus, Role } from "../../api/types.ts";
import { type ShownMessage, newMessage } from "../../state/conversation/message.ts";
import { load, store } from "../../state/storage.ts";

const KEY = "temporary";

interface Kept {
  /** Whose it is; nobody's as long as nothing was answered. */
  of?: string | undefined;
  messages: KeptMessage[];
}

interface KeptMessage {
  id: string;
  parentId: string | null;
  role: Role;
  createdAt: string;
  text: string;
  status: MessageStatus;
  /** Who has answered, and instead of whom. */
  head: [name: string, value: string][];
}

const HEAD = ["x-model", "x-model-instead-of"];

export function keep(of: string | undefined, all: readonly ShownMessage[]): void {
  const messages = all.map(({ id, parentId, role, createdAt, text, status, head }): KeptMessage => ({
    id,
    parentId,
    role,
    createdAt,
    text: text.peek(),
    status: status.peek(),
    head: [...(head ?? [])].filter(([name]) => HEAD.includes(name)),
  }));
  store(KEY, JSON.stringify({ of, messages } satisfies Kept), "tab");
}

export function forget(): void {
  store(KEY, null, "tab");
}

/** What this tab has kept; null: it was in no temporary chat, or in that of somebody who has left. */
export function kept(): { of: string | undefined; messages: ShownMessage[] } | null {
  const text = load(KEY, "tab");
  if (text === null) return null;
  const { of, messages } = JSON.parse(text) as Kept;
  const { sub, was } = claimsOf(keptToken());
  if (of !== undefined && of !== sub && of !== was) {
    forget();
    return null;
  }
  return { of, messages: messages.map(shown) };
}

function shown({ text, status, head, ...fixed }: KeptMessage): ShownMessage {
  return { ...newMessage(fixed, text, status), head: new Headers(head) };
}
