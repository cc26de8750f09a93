/** A message as the page shows it: what the API says of it, with the parts that change while it streams as signals. */
import { type ReadonlySignal, type Signal, batch, computed, signal } from "@preact/signals";
import type { Problem } from "../../api/problem.ts";
import { serverNow } from "../../api/serverClock.ts";
import type { Message, MessageStatus, Role, Vote } from "../../api/types.ts";

export interface ShownMessage {
  id: string;
  /** What it answers or follows; null for the first one. */
  parentId: string | null;
  role: Role;
  createdAt: string;
  text: Signal<string>;
  /** For who need not look at each word that comes in. */
  hasText: ReadonlySignal<boolean>;
  status: Signal<MessageStatus>;
  /** Why the answer broke off, or why what was last asked for here did not work. */
  problem: Signal<Problem | null>;
  /** Whether its text is coming in here. `lost`: the connection broke, and is being made again. */
  stream: Signal<"none" | "live" | "lost">;
  /** Whether the server could not store it yet: then this page has more of it than the server. */
  isUnsaved: Signal<boolean>;
  /** What its reader thinks of it, as the server knows it. */
  vote?: Vote | null;
  /** The model that has said it. */
  model?: string | null;
  /** What the server said of it when it began on this page. */
  head?: Headers;
}

export function shown(message: Message): ShownMessage {
  const { id, parent_id, role, created_at, content, status, vote, model } = message;
  return newMessage({ id, parentId: parent_id, role, createdAt: created_at, vote, model }, content, status);
}

/** A message of this visit, before the API has said anything about it. */
export function newMessage(
  fixed: Pick<ShownMessage, "id" | "parentId" | "role" | "vote" | "model"> & { createdAt?: string },
  text: string,
  status: MessageStatus,
): ShownMessage {
  const words = signal(text);
  return {
    createdAt: new Date(serverNow()).toISOString(),
    ...fixed,
    text: words,
    hasText: computed(() => words.value !== ""),
    status: signal(status),
    problem: signal(null),
    stream: signal("none"),
    isUnsaved: signal(false),
  };
}

/**
 * Updates a message with what the API says now. A text that is streaming in is newer, and one that the API has not stored yet stays: words
 * that were read do not vanish while more are on their way.
 */
export function update(message: ShownMessage, { content, status, model }: Message): void {
  if (message.stream.value !== "none") return;
  const isShorter = content.length < message.text.value.length;
  if (message.isUnsaved.value && (status === "streaming" || isShorter)) return;
  batch(() => {
    message.isUnsaved.value = false;
    message.model = model;
    if (status !== "streaming" || !isShorter) message.text.value = content;
    message.status.value = status;
    if (status === "complete") message.problem.value = null;
  });
}
