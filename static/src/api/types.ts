/** The shapes of the HTTP contract that the page uses, under the page's own names. `schema.d.ts` is generated: `npm run api`. */
import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];

export type Role = "user" | "assistant" | "system";
export type MessageStatus = "complete" | "streaming" | "stopped" | "interrupted" | "truncated" | "filtered" | "failed";

export type GuestToken = Schemas["TokenView"];
export type Session = Schemas["SessionView"];
export type SessionPage = Schemas["SessionList"];
/** The document has these two as plain strings. */
export type Message = Omit<Schemas["MessageView"], "role" | "status"> & { role: Role; status: MessageStatus };
export type MessagePage = Omit<Schemas["OpenedSessionView"], "messages"> & { messages: Message[] };
/** What a message is sent with, and edited with. */
export type NewMessage = Schemas["NewMessage"];
export type FirstMessage = Schemas["FirstMessage"];
/** What a running answer is ended with. */
export type StopAt = Schemas["StopAt"];
/** An answer that was not asked for as a stream. */
export type PlainAnswer = Omit<Schemas["PlainAnswer"], "message"> & { message: Message };
/** The body of every answer that is not a success. */
export type ErrorBody = Schemas["ProblemView"];
