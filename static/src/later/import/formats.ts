/** The files that chats come in from: this page's own, ChatGPT's `conversations.json` and Claude's. What they hold is nobody's promise. */
import { chatOf } from "../export/json.ts";
import type { Found, FoundChat } from "./chat.ts";

/** The chats in a text; null: it is no file of chats. What in it is no chat is passed over. */
export function chatsOf(text: string): FoundChat[] | null {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return null;
  }
  if (isObject(file) && file.format === "edgewise-chat") {
    try {
      return [ours(text)];
    } catch {
      return null;
    }
  }
  const list = Array.isArray(file) ? (file as unknown[]) : [file];
  const chats = list.map((one) => (isObject(one) ? (chatGpt(one) ?? claude(one)) : null)).filter((one) => one !== null);
  return chats.length > 0 ? chats : null;
}

function ours(text: string): FoundChat {
  const { session, messages, leaf } = chatOf(text);
  const found = messages.map((message): Found => ({
    id: message.id,
    parent: message.parent_id,
    role: message.role === "user" ? "user" : "assistant",
    // What no visitor and no model has said is an operator's, who is another one here.
    text: message.role === "system" ? "" : message.content,
    isCut: message.role === "assistant" && message.status !== "complete",
    model: message.model,
    at: Date.parse(message.created_at),
  }));
  const { id, title, pinned, updated_at } = session;
  return { id, title: title ?? "", isPinned: pinned ?? false, at: Date.parse(updated_at), messages: found, leaf };
}

/** A conversation of ChatGPT's: a tree by `mapping`, in which tools and hidden instructions have nodes, too. */
function chatGpt(one: Fields): FoundChat | null {
  if (!isObject(one.mapping)) return null;
  const messages = Object.entries(one.mapping).map(([id, node]): Found => {
    const { message, parent } = isObject(node) ? node : {};
    const fields = isObject(message) ? message : {};
    const author = isObject(fields.author) ? fields.author.role : null;
    const content = isObject(fields.content) ? fields.content : {};
    const about = isObject(fields.metadata) ? fields.metadata : {};
    const isSaid =
      (author === "user" || author === "assistant") &&
      (content.content_type === "text" || content.content_type === "multimodal_text") &&
      about.is_visually_hidden_from_conversation !== true &&
      // What it says to a tool.
      (fields.recipient === undefined || fields.recipient === "all");
    const parts: unknown[] = Array.isArray(content.parts) ? content.parts : [];
    return {
      id,
      parent: text(parent),
      role: author === "user" ? "user" : "assistant",
      text: isSaid ? parts.filter((part) => typeof part === "string").join("\n\n") : "",
      isCut: fields.status === "in_progress",
      model: text(about.model_slug),
      at: seconds(fields.create_time),
    };
  });
  return {
    id: text(one.conversation_id) ?? text(one.id),
    title: text(one.title) ?? "",
    at: seconds(one.update_time),
    messages,
    leaf: text(one.current_node),
  };
}

/** A conversation of Claude's: a list, in which each message may name the one before it. */
function claude(one: Fields): FoundChat | null {
  if (!Array.isArray(one.chat_messages)) return null;
  const list: unknown[] = one.chat_messages;
  const ids = new Set(list.map((each) => (isObject(each) ? each.uuid : null)));
  let last: string | null = null;
  const messages = list.map((each, index): Found => {
    const fields = isObject(each) ? each : {};
    const id = text(fields.uuid) ?? String(index);
    const named = text(fields.parent_message_uuid);
    const message: Found = {
      id,
      // The first one names a message that there is not.
      parent: named !== null && ids.has(named) ? named : last,
      role: fields.sender === "human" ? "user" : "assistant",
      text: fields.sender === "human" || fields.sender === "assistant" ? saidByClaude(fields) : "",
      isCut: false,
      model: null,
      at: time(fields.created_at),
    };
    last = id;
    return message;
  });
  return { id: text(one.uuid), title: text(one.name) ?? "", at: time(one.updated_at), messages, leaf: last };
}

function saidByClaude(fields: Fields): string {
  const content: unknown[] = Array.isArray(fields.content) ? fields.content : [];
  const parts = content.map((part) => (isObject(part) && part.type === "text" ? text(part.text) : null));
  return parts.filter((part) => part !== null).join("\n\n") || (text(fields.text) ?? "");
}

type Fields = Record<string, unknown>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const text = (value: unknown) => (typeof value === "string" ? value : null);
const seconds = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value * 1000 : null);
const time = (value: unknown) => (typeof value === "string" ? Date.parse(value) : null);
