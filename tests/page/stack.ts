/** The local stack as the tests of the page use it: what the model answers, and sessions that exist already. */
import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";

function variable(name: string): string {
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

/** A session of `user` with so many messages, question and answer in turn; its id. */
export async function longSession(user: string, messages: number): Promise<string> {
  const id = randomUUID();
  await sql("insert into chat_sessions (id, user_id, title) values ($1, $2, 'A long one')", [id, user]);
  await sql(
    `insert into chat_messages (id, session_id, role, status, content)
    select (lpad(to_hex(n), 8, '0') || substr($1::text, 9))::uuid, $1::uuid,
        case when n % 2 = 1 then 'user' else 'assistant' end, 'complete',
        case when n % 2 = 1 then 'Question ' || n else
            'Answer **' || n || '**' || E'\\n\\n- one\\n- two\\n\\n' || repeat('word ', 20 + n % 50) end
    from generate_series(1, $2::int) n`,
    [id, messages],
  );
  return id;
}

/** So many sessions of `user`, the newest active now, each of the others a day before. */
export async function sessionsOverDays(user: string, count: number): Promise<void> {
  await sql(
    `insert into chat_sessions (id, user_id, title, updated_at)
    select gen_random_uuid(), $1::uuid, 'Chat ' || n, now() - (n - 1) * interval '1 day' from generate_series(1, $2::int) n`,
    [user, count],
  );
}
