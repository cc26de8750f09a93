/**
 * A conversation as Markdown: front matter, and each message as it was written under a heading that says whose it is. A line before each heading,
 * which is not shown, says how long the message is, so that nothing a message holds can be taken for the next one: docs/export.md.
 */
import type { Message } from "../../api/types.ts";
import { type Chat, branchOf, isRunning } from "./chat.ts";
import { endOf } from "./openBlocks.ts";
import { strings } from "../../first/strings.ts";
import { words } from "./strings.ts";

/** The text of the file. `now` is when it was made. */
export function markdownOf(chat: Chat, now: Date): string {
  const messages = branchOf(chat);
  const models = new Set(messages.flatMap(({ model }) => model ?? []));
  const head = [
    "---",
    `title: ${yaml(chat.session.title ?? strings.untitled)}`,
    `date: ${chat.session.created_at}`,
    `exported: ${now.toISOString()}`,
    `models: [${[...models].map(yaml).join(", ")}]`,
    "ai-generated: true",
    ...(isRunning({ messages }) ? ["complete: false"] : []),
    "---",
  ];
  return `${[head.join("\n"), ...messages.map(written)].join("\n\n")}\n`;
}

function written(message: Message, at: number): string {
  const { content, status } = message;
  const end = looksLikeHeading(content) ? "unsure" : endOf(content);
  const lines = content.split("\n").length;
  const said = [`message ${at + 1}`, message.role, status, message.created_at, `lines ${lines}`];
  if (end === "unsure") said.push("fenced");
  const note = status === "complete" ? "" : ` (${words.statuses[status]})`;
  const heading = `# ${message.role === "user" ? strings.you : strings.assistant}${note}`;
  return [`<!-- ${said.join(", ")} -->`, heading, body(content, end)].join("\n\n");
}

/** The message, and what ends what it has left open. */
function body(content: string, end: ReturnType<typeof endOf>): string {
  if (end === "closed") return content;
  if (end !== "unsure") return `${content}\n${end.fence}`;
  const fence = "`".repeat(Math.max(2, ...Array.from(content.matchAll(/`+/g), ([run]) => run.length)) + 1);
  return `${fence}markdown\n${content}\n${fence}`;
}

/** Whether something in it would be read as the heading of another message. */
function looksLikeHeading(content: string): boolean {
  const name = `(?:${strings.you}|${strings.assistant}) *(?:\\(.*\\) *)?`;
  return new RegExp(`^ {0,3}(?:#+ +${name}#*|${name}\\n {0,3}(?:=+|-+)) *$`, "im").test(
    content.replace(/\r\n?/g, "\n"),
  );
}

/** A text in YAML: JSON's are, once what YAML takes for the end of a line, or does not take, is spelled out. */
function yaml(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
