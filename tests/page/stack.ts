/** The local stack as the tests of the page use it: what the model answers, and sessions that exist already. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { type Page, expect } from "@playwright/test";

/** What the suite is told in its environment. */
export function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: cargo xtask test sets it`);
  return value;
}

async function post(path: string, headers: Record<string, string>, body: unknown): Promise<unknown> {
  const response = await fetch(`${variable("STACK_URL")}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return text === "" ? null : (JSON.parse(text) as unknown);
}

/** Sets what the model does with messages that contain `marker`. */
export async function scenario(marker: string, scenario: object): Promise<void> {
  await post("/control/model", {}, { match: { contains: marker }, scenario });
}

/** Sets what the model does with a conversation that goes on after a message with `marker`, by words that are not the visitor's. */
export async function afterwards(marker: string, scenario: object): Promise<void> {
  await post("/control/model", {}, { match: { anywhere: marker }, scenario });
}

/** Has calls of the functions that contain `marker` go wrong, until what this gives is called: others' faults stay. */
export async function fault(
  face: "sql" | "redis" | "model",
  marker: string,
  fault: object,
): Promise<() => Promise<void>> {
  const made = await post("/control/faults", {}, { face, match: { contains: marker }, fault });
  const { id } = made as { id: number };
  return async () => {
    await fetch(`${variable("STACK_URL")}/control/faults?id=${id}`, { method: "DELETE" });
  };
}

/** Puts the clock of Redis, which decides all limits and pauses, `seconds` ahead of the true time. */
export async function moveClock(seconds: number): Promise<void> {
  await post("/control/clock", {}, { offset_ms: seconds * 1000 });
}

/** The last of the `count` mails that have gone to an address because somebody has asked for them, once they are there: notices come unasked. */
export async function mailed(to: string, count: number): Promise<{ subject: string; text: string }> {
  const ask = async () => {
    const response = await fetch(`${variable("STACK_URL")}/control/mails?to=${encodeURIComponent(to)}`);
    const { mails } = (await response.json()) as { mails: { subject: string; text: string }[] };
    return mails.filter(({ subject }) => !subject.startsWith("Your account at"));
  };
  await expect.poll(async () => (await ask()).length, { message: `mails to ${to}` }).toBe(count);
  const last = (await ask()).at(-1);
  if (!last) throw new Error("no mail");
  return last;
}

/** Has the breaker, one for all servers on these stores, forget what it knows. */
export async function closeBreaker(): Promise<void> {
  const authorization = `Bearer ${variable("STACK_REDIS_TOKEN")}`;
  await post("/redis", { authorization }, ["DEL", "chat:all"]);
}

/** Sends a message as the page's guest would from another address of this machine, and expects that the model fails. */
export async function failFrom(page: Page, server: string, address: string, content: string): Promise<void> {
  const token = await page.evaluate(() => localStorage.getItem("edgewise.token"));
  const sending = request(`${server}/api/v1/chat/messages`, {
    method: "POST",
    localAddress: address,
    headers: { authorization: `Bearer ${token ?? ""}`, "content-type": "application/json" },
  });
  sending.end(JSON.stringify({ content, stream: false }));
  const [answer] = (await once(sending, "response")) as [IncomingMessage];
  answer.resume();
  if (answer.statusCode !== 502) throw new Error(`the model should have failed: ${answer.statusCode ?? "no status"}`);
}

/** Runs a statement in the database, as the functions do. */
async function sql(query: string, params: unknown[]): Promise<void> {
  await post("/sql", { "Neon-Connection-String": variable("STACK_DATABASE_URL") }, { query, params });
}

/** The id of the guest whose token the page holds. */
export async function guestOf(page: Page): Promise<string> {
  const token = await page.evaluate(() => localStorage.getItem("edgewise.token"));
  const [, payload = ""] = (token ?? "").split(".");
  return (JSON.parse(Buffer.from(payload, "base64url").toString()) as { sub: string }).sub;
}

/** All devices of `user` were signed in to so many minutes ago. */
export async function ageDevices(user: string, minutes: number): Promise<void> {
  await sql(
    "update auth_sessions set created_at = created_at - $2::int * interval '1 minute' where user_id = $1::uuid",
    [user, minutes],
  );
}

/** `user`, who has an account, runs the place from the next token on, as `cargo xtask admin grant` makes them. */
export async function makeAdmin(user: string): Promise<void> {
  await sql("update users set role = 'admin' where id = $1::uuid", [user]);
}

/** Markdown of an answer, its number before it. */
const PLAIN_ANSWER = `

- one
- two

word word word word word word word word word word word word word word word word word word word word`;

/** A session of `user` with this many messages, question and answer in turn, each following the one before; its id. */
export async function longSession(user: string, messages: number, answer = PLAIN_ANSWER): Promise<string> {
  const id = randomUUID();
  await sql("insert into chat_sessions (id, user_id, title) values ($1, $2, 'A long one')", [id, user]);
  await sql(
    `insert into chat_messages (id, session_id, parent_id, role, status, content)
    select (lpad(to_hex(n), 8, '0') || substr($1::text, 9))::uuid, $1::uuid,
        case when n > 1 then (lpad(to_hex(n - 1), 8, '0') || substr($1::text, 9))::uuid end,
        case when n % 2 = 1 then 'user' else 'assistant' end, 'complete',
        case when n % 2 = 1 then 'Question ' || n else 'Answer **' || n || '**' || $3::text || repeat(' word', n % 50) end
    from generate_series(1, $2::int) n`,
    [id, messages, answer],
  );
  return id;
}

/** What stands in a chat: a message after the one before, or after that of the number `after`, counted from 0. */
export type Said = string | { content: string; after: number };

/** A session of `user` where this was said, question and answer in turn; its id. */
export async function chat(user: string, title: string, said: Said[]): Promise<string> {
  const id = randomUUID();
  const name = (at: number) => `${at.toString(16).padStart(8, "0")}${id.slice(8)}`;
  const depths: number[] = [];
  const rows = said.map((one, at) => {
    const { content, after } = typeof one === "string" ? { content: one, after: at - 1 } : one;
    const depth = (depths[at] = after < 0 ? 0 : (depths[after] ?? 0) + 1);
    return { id: name(at), parent: after < 0 ? null : name(after), role: depth % 2 ? "assistant" : "user", content };
  });
  await sql("insert into chat_sessions (id, user_id, title) values ($1, $2, $3)", [id, user, title]);
  await sql(
    `insert into chat_messages (id, session_id, parent_id, role, status, content)
    select r.id, $1::uuid, r.parent, r.role, 'complete', r.content
    from jsonb_to_recordset($2::jsonb) r(id uuid, parent uuid, role text, content text)`,
    [id, JSON.stringify(rows)],
  );
  return id;
}

/** Has the model answer messages that contain `marker` with `text`, after `silentMs`, in this many pieces, one every `paceMs` or so. */
export async function streamed(
  marker: string,
  text: string,
  count: number,
  paceMs: number,
  silentMs = 0,
): Promise<void> {
  const size = Math.ceil(text.length / count);
  const pieces = Array.from({ length: count }, (_, at) => text.slice(at * size, (at + 1) * size));
  const frames = pieces.map(
    (content) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`,
  );
  const raw = `${frames.join("")}data: [DONE]\n\n`;
  const split = Math.ceil(raw.length / count);
  const pace = { pace_ms: paceMs, first_byte_delay_ms: silentMs };
  await scenario(marker, { raw, raw_content_type: "text/event-stream", split, ...pace });
}

/** The newest sessions of `user` are pinned, this many in all, as by another device. */
export async function pinned(user: string, count: number): Promise<void> {
  await sql(
    `update chat_sessions set pinned = true where id in (
      select id from chat_sessions where user_id = $1::uuid order by pinned desc, updated_at desc limit $2::int)`,
    [user, count],
  );
}

/** This many sessions of `user`, the newest active now, each of the others a day before. */
export async function sessionsOverDays(user: string, count: number): Promise<void> {
  await sql(
    `insert into chat_sessions (id, user_id, title, updated_at)
    select gen_random_uuid(), $1::uuid, 'Chat ' || n, now() - (n - 1) * interval '1 day' from generate_series(1, $2::int) n`,
    [user, count],
  );
}
