/** A conversation as JSON, with all its branches: docs/export.md describes the format. What is written here can be read back. */
import type { Message, MessageStatus } from "../../api/types.ts";
import { type Chat, isRunning } from "./chat.ts";

const FORMAT = "edgewise-chat";
/** Counts changes that a reader of the format before would misunderstand. What is only added is no such change. */
const VERSION = 1;

const ROLES: readonly Message["role"][] = ["user", "assistant", "system"];
const STATUSES: readonly MessageStatus[] = [
  "complete",
  "streaming",
  "stopped",
  "interrupted",
  "truncated",
  "filtered",
  "failed",
];

/** The text of the file. `now` is when it was made. */
export function jsonOf(chat: Chat, now: Date): string {
  const { id, title, pinned = false, created_at, updated_at } = chat.session;
  const file = {
    format: FORMAT,
    version: VERSION,
    exported_at: now.toISOString(),
    ai_generated: true,
    complete: !isRunning(chat),
    session: { id, title, pinned, created_at, updated_at },
    leaf: chat.leaf,
    messages: chat.messages.map((message) => ({
      id: message.id,
      parent_id: message.parent_id,
      role: message.role,
      status: message.status,
      model: message.model,
      token_count: message.token_count,
      created_at: message.created_at,
      content: message.content,
    })),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** The chat that such a text holds. Throws an error that says where it is none. */
export function chatOf(text: string): Chat {
  const file = object(JSON.parse(text), "file");
  if (file.format !== FORMAT) throw new TypeError("This is not a chat of Edgewise.");
  if (file.version !== VERSION) throw new TypeError(`Version ${String(file.version)} of the format is not known.`);
  const from = object(file.session, "session");
  const session = {
    id: string(from.id, "session.id"),
    title: from.title === null ? null : string(from.title, "session.title"),
    // Files of before there were pins say nothing of it.
    pinned: from.pinned === true,
    created_at: time(from.created_at, "session.created_at"),
    updated_at: time(from.updated_at, "session.updated_at"),
  };
  if (!Array.isArray(file.messages)) throw new TypeError("messages is not a list.");
  const known = new Set<string>();
  const messages = file.messages.map((one: unknown, at): Message => {
    const name = `messages[${at}]`;
    const fields = object(one, name);
    const id = string(fields.id, `${name}.id`);
    const parent_id = fields.parent_id === null ? null : string(fields.parent_id, `${name}.parent_id`);
    // A parent stands before what follows it, so there can be no circle either.
    if (known.has(id) || (parent_id !== null && !known.has(parent_id)))
      throw new TypeError(`${name} has no place in the tree.`);
    known.add(id);
    return {
      id,
      parent_id,
      session_id: session.id,
      role: oneOf(ROLES, fields.role, `${name}.role`),
      status: oneOf(STATUSES, fields.status, `${name}.status`),
      model: fields.model === null ? null : string(fields.model, `${name}.model`),
      token_count: typeof fields.token_count === "number" ? fields.token_count : null,
      created_at: time(fields.created_at, `${name}.created_at`),
      content: string(fields.content, `${name}.content`),
      vote: fields.vote === "up" || fields.vote === "down" ? fields.vote : null,
    };
  });
  const leaf = typeof file.leaf === "string" && known.has(file.leaf) ? file.leaf : null;
  return { session, messages, leaf };
}

function object(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError(`${name} is no object.`);
  return value as Record<string, unknown>;
}

function string(value: unknown, name: string): string {
  if (typeof value !== "string") throw new TypeError(`${name} is no text.`);
  return value;
}

function time(value: unknown, name: string): string {
  const text = string(value, name);
  if (Number.isNaN(Date.parse(text))) throw new TypeError(`${name} is no time.`);
  return text;
}

function oneOf<T extends string>(all: readonly T[], value: unknown, name: string): T {
  const found = all.find((one) => one === value);
  if (found === undefined) throw new TypeError(`${name} is none of ${all.join(", ")}.`);
  return found;
}
