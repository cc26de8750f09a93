/** A message as the page shows it: what the API says of it, with the parts that change while it streams as signals. */
import { type Signal, signal } from "@preact/signals";
import type { Problem } from "../api/problem.ts";
import type { Message, MessageStatus, Role } from "../api/types.ts";

export interface ShownMessage {
  id: string;
  role: Role;
  createdAt: string;
  text: Signal<string>;
  status: Signal<MessageStatus>;
  /** Why the answer broke off, if the server said so. */
  problem: Signal<Problem | null>;
  /** Whether this page is the one reading the answer. Otherwise a `streaming` message is looked up until it settles. */
  isOurs: boolean;
}

export function shown(message: Message): ShownMessage {
  return {
    id: message.id,
    role: message.role,
    createdAt: message.created_at,
    text: signal(message.content),
    status: signal(message.status),
    problem: signal(null),
    isOurs: false,
  };
}

/** A message of this visit, before the API has said anything about it. */
export function begun(id: string, role: Role, text: string, status: MessageStatus): ShownMessage {
  return {
    id,
    role,
    createdAt: new Date().toISOString(),
    text: signal(text),
    status: signal(status),
    problem: signal(null),
    isOurs: true,
  };
}
