/** The shapes of the HTTP contract that the page uses, under the page's own names. `schema.d.ts` is generated: `npm run api`. */
import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];

export type Role = Schemas["MessageRole"];
/** What a visitor may do. */
export type VisitorRole = Schemas["Role"];
export type MessageStatus = Schemas["MessageStatus"];

export type GuestToken = Schemas["TokenView"];
/** A code that takes a guest to another device, and what comes with it. */
export type Handover = Schemas["HandoverView"];
export type Coming = Schemas["ComingView"];
/** Somebody who was let in: the answer to signing up, in, or again. */
export type SignedIn = Schemas["SignedInView"];
/** What a link that was sent by mail is for, and what it has done. */
export type Link = Schemas["LinkView"];
export type Confirmed = Schemas["ConfirmedView"];
/** How a key is made of a password. */
export type Salt = Schemas["SaltView"];
/** What a browser is asked about passkeys, and what it answers when it has made one, or signed with one. */
export type PasskeyOptions = Schemas["PasskeyOptionsView"];
export type MadePasskey = Schemas["MadeCredential"];
export type SignedPasskey = Schemas["SignedCredential"];
/** An API key as its owner sees it, and with the key itself when it was just made. */
export type ApiKey = Schemas["ApiKeyView"];
export type MadeApiKey = Schemas["MadeApiKeyView"];
/** A passkey as its owner sees it. */
export type Passkey = Schemas["PasskeyView"];
/** Who a visitor is, and what they may do. */
export type Me = Schemas["MeView"];
/** What an account is signed in on. */
export type Device = Schemas["DeviceView"];
/** Who vouches for somebody. */
export type Provider = Schemas["ProviderView"];
/** What somebody is known by at a provider. */
export type Identity = Schemas["IdentityView"];
/** A chat; which model was chosen for it, and that it is not pinned, is not said of those that the page has put into the list itself. */
export type Session = Omit<Schemas["SessionView"], "model" | "pinned"> &
  Partial<Pick<Schemas["SessionView"], "model" | "pinned">>;
export type ImportedPart = Schemas["ImportedPart"];
export type SharedBranch = Schemas["SharedBranch"];
export type SessionPage = Omit<Schemas["SessionList"], "sessions"> & { sessions: Session[] };
/** A page of a search; a session in it; a message that contains what was looked for. */
export type SearchResult = Schemas["SearchResult"];
export type FoundSession = Schemas["FoundSession"];
export type SearchHit = Schemas["SearchHit"];
/** A link to a chat, as its owner sees it. */
export type Share = Schemas["ShareView"];
export type Message = Schemas["MessageView"];
/** What a reader thinks of an answer. */
export type Vote = Schemas["Vote"];
/** What a visitor wants the model to know, as it is sent and answered. */
export type UserContext = Required<Schemas["UserContext"]>;
export type MessagePage = Schemas["OpenedSessionView"];
/** What a message is sent with, and edited with. */
export type NewMessage = Schemas["NewMessage"];
export type FirstMessage = Schemas["FirstMessage"];
export type TemporaryMessage = Schemas["TemporaryMessage"];
/** What a running answer is ended with. */
export type StopAt = Schemas["StopAt"];
/** An answer that was not asked for as a stream. */
export type PlainAnswer = Schemas["PlainAnswer"];
/** What the server lets everybody know of its configuration. */
export type ServerConfig = Schemas["ConfigView"];
export type ErrorCode = Schemas["ErrorCode"];
export type Scope = Schemas["Scope"];
/** The body of every answer that is not a success. */
export type ErrorBody = Schemas["ProblemView"];
