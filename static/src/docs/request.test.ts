import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Contract, addressOf, curlOf, exampleOf, hasForm } from "./request.ts";

const contract = JSON.parse(readFileSync("../schema/openapi.json", "utf8")) as Contract;
const operations = Object.entries(contract.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
);

/** What a shell hands to `curl`. */
function args(command: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  const out = execFileSync("sh", ["-c", script], { encoding: "utf8", env: { TOKEN: "to'k en" } });
  return out.split("\0").slice(0, -1);
}

test("a shell hands to curl what the form sends, whatever is in it", () => {
  for (const text of [
    `{"content": "it's 'quoted' \\"twice\\""}`,
    "@/etc/passwd",
    "$(touch x) `id` $HOME !! \\",
    "two\nlines\\\n' \n",
    "'",
    "''",
    "--next",
    "Ωmega 🎣\u2028",
  ]) {
    const address = addressOf("/api/v1/shares/{token}", [
      { name: "token", in: "path", value: text },
      { name: "q", in: "query", value: text },
    ]);
    const url = `https://chat.example${address}`;
    expect(args(curlOf("POST", url, true, [["Idempotency-Key", text]], text))).toEqual([
      ...["-N", "-X", "POST", url, "-H", "Authorization: Bearer to'k en"],
      ...["-H", `Idempotency-Key: ${text}`, "--data-raw", text],
    ]);
    // curl takes these for a list of addresses.
    expect(url).not.toMatch(/[[\]{}]/);
    expect(new URL(url).searchParams.get("q")).toBe(text);
  }
  expect(args(curlOf("GET", "https://chat.example/", false, [], ""))).toEqual([
    "-N",
    "-X",
    "GET",
    "https://chat.example/",
  ]);
});

test("a value does not leave its place in the address", () => {
  const ask = (value: string) =>
    new URL(
      addressOf("/api/v1/chat/sessions/{id}/restore", [{ name: "id", in: "path", value }]),
      "https://chat.example",
    ).href;
  for (const value of ["..", ".", "../../me", "a/b", "?x=1", "#x", "%2e%2e", "//evil.example", "\ud800", "$&", "{id}"])
    expect(ask(value), value).toMatch(/^https:\/\/chat\.example\/api\/v1\/chat\/sessions\/[^/?#]*\/restore$/);
  expect(addressOf("/x", [{ name: "limit", in: "query", value: "" }])).toBe("/x");
});

test("what cannot be tried, and what nobody should try by chance, has no form", () => {
  expect(operations.map(({ name }) => name).filter((name) => !hasForm(name))).toMatchInlineSnapshot(`
    [
      "DELETE /api/v1/admin/addresses/block",
      "POST /api/v1/admin/addresses/block",
      "POST /api/v1/admin/maintenance",
      "DELETE /api/v1/admin/users/{id}/block",
      "POST /api/v1/admin/users/{id}/block",
      "POST /api/v1/auth/email",
      "POST /api/v1/auth/email/confirm",
      "POST /api/v1/auth/email/look",
      "POST /api/v1/auth/login",
      "POST /api/v1/auth/logout",
      "POST /api/v1/auth/passkeys/login",
      "POST /api/v1/auth/passkeys/options",
      "POST /api/v1/auth/passkeys/register",
      "POST /api/v1/auth/password",
      "POST /api/v1/auth/password/salt",
      "POST /api/v1/auth/refresh",
      "POST /api/v1/auth/register",
      "GET /api/v1/auth/{provider}/callback",
      "POST /api/v1/auth/{provider}/finish",
      "POST /api/v1/auth/{provider}/start",
      "GET /api/v1/chat/ws",
      "DELETE /api/v1/me",
      "POST /api/v1/me/identities",
      "POST /api/v1/me/passkeys",
      "POST /api/v1/me/password",
      "GET /embed",
      "GET /embed/c/{id}",
      "GET /s/{token}",
      "GET /status",
    ]
  `);
});

test("each body that is filled in fits its schema's required fields", () => {
  const bodies = operations
    .filter(({ name }) => hasForm(name))
    .flatMap(({ name, operation }) =>
      Object.entries(operation.requestBody?.content ?? {}).map(([type, { schema }]) => {
        expect(type).toBe("application/json");
        return [name, JSON.stringify(exampleOf(schema, contract.components.schemas))];
      }),
    );
  expect(Object.fromEntries(bodies)).toMatchInlineSnapshot(`
    {
      "PATCH /api/v1/chat/sessions/{id}": "{"title":"Rivers"}",
      "PATCH /api/v1/chat/sessions/{id}/shares/{share_id}": "{"revision":0}",
      "PATCH /api/v1/me/passkeys/{id}": "{"name":"…"}",
      "POST /api/chat": "{"prompt":"Where does the Tejo begin?","stream":true}",
      "POST /api/v1/auth/guest": "{}",
      "POST /api/v1/auth/handover": "{}",
      "POST /api/v1/auth/handover/look": "{"code":"…"}",
      "POST /api/v1/auth/handover/redeem": "{"code":"…"}",
      "POST /api/v1/chat/import": "{"import_id":"01909e4b-0000-7000-8000-000000000000","messages":[{"content":"Where does the Tejo begin?","role":"user"}]}",
      "POST /api/v1/chat/messages": "{"content":"Where does the Tejo begin?"}",
      "POST /api/v1/chat/search": "{"q":"Tejo"}",
      "POST /api/v1/chat/sessions": "{"title":"Rivers"}",
      "POST /api/v1/chat/sessions/{id}/messages": "{"content":"Where does the Tejo begin?"}",
      "POST /api/v1/chat/sessions/{id}/messages/{message_id}/continue": "{}",
      "POST /api/v1/chat/sessions/{id}/messages/{message_id}/regenerate": "{}",
      "POST /api/v1/chat/sessions/{id}/messages/{message_id}/stop": "{}",
      "POST /api/v1/chat/sessions/{id}/shares": "{"leaf_id":"00000000-0000-0000-0000-000000000000"}",
      "POST /api/v1/chat/temporary": "{"content":"Where does the Tejo begin?","messages":[]}",
      "POST /api/v1/me/keys": "{"name":"my laptop"}",
      "POST /api/v1/openai/chat/completions": "{"messages":[{"content":"Where does the Tejo begin?","role":"user"}],"model":"gpt-oss-120b","stream":true}",
      "POST /api/v1/openai/responses": "{"input":"Where does the Tejo begin?","model":"gpt-oss-120b","stream":true}",
      "POST /v1/chat/completions": "{"messages":[{"content":"Where does the Tejo begin?","role":"user"}],"model":"gpt-oss-120b","stream":true}",
      "POST /v1/responses": "{"input":"Where does the Tejo begin?","model":"gpt-oss-120b","stream":true}",
      "PUT /api/v1/chat/context": "{}",
      "PUT /api/v1/chat/sessions/{id}/messages/{message_id}": "{"content":"Where does the Tejo begin?"}",
      "PUT /api/v1/chat/sessions/{id}/messages/{message_id}/feedback": "{"vote":"up"}",
    }
  `);
});
