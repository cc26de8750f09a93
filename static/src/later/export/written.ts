/** For tests: chats of few words. */
import type { Message } from "../../api/types.ts";
import type { Chat } from "./chat.ts";

/** A chat in which `contents` follow each other, the visitor's first. */
export function chatWith(contents: readonly string[], more: Partial<Message> = {}): Chat {
  const messages = contents.map((content, at): Message => ({
    id: `m${at}`,
    parent_id: at === 0 ? null : `m${at - 1}`,
    session_id: "s",
    role: at % 2 === 0 ? "user" : "assistant",
    status: "complete",
    model: at % 2 === 0 ? null : "Model-8B",
    token_count: at % 2 === 0 ? null : 7,
    created_at: `2026-11-28T09:00:0${at % 10}Z`,
    content,
    vote: null,
    ...more,
  }));
  const [created_at, updated_at] = ["2026-11-28T09:00:00Z", "2026-11-28T09:10:00Z"];
  return { session: { id: "s", title: "Tides", pinned: true, created_at, updated_at }, messages, leaf: null };
}
