/** What the server wants to be proved is proved, within bounds, and then it is asked once more for the same. */
import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { solve } from "./solve.ts";

const SEND = "/chat/messages";
const GUEST = "/auth/guest";

interface Seen {
  path: string;
  headers: Headers;
}

// Of a page that was just opened, in each test.
let request: typeof import("../../api/request.ts").request;
let isProving: typeof import("../../api/proof.ts").isProving;

let seen: Seen[] = [];
/** What is answered to each call; the last answer is also that to all that follow. */
let answers: ((headers: Headers) => Response)[] = [];
/** Workers that were made, and whether each was ended. Node has none of the browser's kind; what they search with is the page's own. */
let workers: SearchInPlace[] = [];
let isSlow = false;

class SearchInPlace {
  onmessage: (event: { data: number }) => void = () => undefined;
  isEnded = false;
  constructor() {
    workers.push(this);
  }
  postMessage([challenge, bits]: [string, number]): void {
    if (!isSlow) setTimeout(() => this.onmessage({ data: solve(challenge, bits) }));
  }
  terminate(): void {
    this.isEnded = true;
  }
}

const ok = () => new Response("{}", { headers: { "Content-Type": "application/json" } });

function refusal(error: object, status = 401): Response {
  const body = { error: { code: "challenge_required", message: "m", request_id: "r", ...error } };
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
}
const wants = (challenge: string, bits: number) => () => refusal({ challenge, bits });

/** Whether the proof in `headers` is one for `challenge`. */
function isProven(headers: Headers | undefined, challenge: string, bits: number): boolean {
  const proof = headers?.get("X-Proof-Of-Work") ?? "";
  const digest = createHash("sha256").update(proof).digest();
  return proof.startsWith(`${challenge}.`) && Math.clz32(digest.readUInt32BE()) >= bits;
}

function send(halt?: AbortSignal): Promise<unknown> {
  const headers = { "Idempotency-Key": "k" };
  return request(SEND, { method: "POST", body: { content: "Hello" }, headers, ...(halt && { halt }) }).catch(
    (thrown: unknown) => thrown,
  );
}

beforeEach(async () => {
  vi.resetModules();
  ({ request } = await import("../../api/request.ts"));
  ({ isProving } = await import("../../api/proof.ts"));
  [seen, answers, workers, isSlow] = [[], [ok], [], false];
  localStorage.setItem("edgewise.token", "t");
  vi.stubGlobal("Worker", SearchInPlace);
  vi.stubGlobal("fetch", (path: string, { headers }: { headers: Headers }) => {
    seen.push({ path: path.replace("/api/v1", ""), headers });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    return Promise.resolve(answer?.(headers));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  localStorage.clear();
});

test("a call that wants work is made once more, with the proof and the same key", async () => {
  answers = [wants("abc", 12), ok];
  expect(await send()).toBeInstanceOf(Response);
  expect(seen.map(({ path, headers }) => [path, headers.get("Idempotency-Key"), headers.get("Authorization")])).toEqual(
    [
      [SEND, "k", "Bearer t"],
      [SEND, "k", "Bearer t"],
    ],
  );
  expect(seen[0]?.headers.has("X-Proof-Of-Work")).toBe(false);
  expect(isProven(seen[1]?.headers, "abc", 12)).toBe(true);
  expect(workers.map(({ isEnded }) => isEnded)).toEqual([true]);
});

test("proofs that are refused are given three times, each for the newest challenge, and then it is said", async () => {
  let count = 0;
  answers = [() => refusal({ challenge: `c${++count}`, bits: 8 })];
  expect(await send()).toMatchObject({ code: "challenge_required" });
  expect(seen).toHaveLength(4);
  for (const at of [1, 2, 3]) expect(isProven(seen[at]?.headers, `c${at}`, 8)).toBe(true);
});

test("a second proof that is accepted is enough", async () => {
  answers = [wants("one", 8), wants("two", 9), ok];
  expect(await send()).toBeInstanceOf(Response);
  expect(isProven(seen[2]?.headers, "two", 9)).toBe(true);
});

test.each([25, 64, 1e9])("%s bits are worked for by no device", async (bits) => {
  answers = [wants("abc", bits)];
  expect(await send()).toMatchObject({ code: "too_much_work" });
  expect(seen).toHaveLength(1);
  expect(workers).toEqual([]);
});

test.each([
  ["no challenge", { bits: 8 }],
  ["no bits", { challenge: "abc" }],
  ["what no header takes", { challenge: "a\nb", bits: 8 }],
  ["more text than a try should take", { challenge: "c".repeat(513), bits: 8 }],
])("%s is not worked for", async (_, error) => {
  answers = [() => refusal(error)];
  expect(await send()).toMatchObject({ code: "challenge_required" });
  expect(seen).toHaveLength(1);
  expect(workers).toEqual([]);
});

test("a new guest is worked for once, whoever waits, and what follows is sent under that guest", async () => {
  localStorage.clear();
  const guest = () => new Response(JSON.stringify({ token: "new" }), { status: 201 });
  answers = [wants("guest", 8), guest, ok];
  await Promise.all([send(), send()]);
  expect(seen.map(({ path }) => path)).toEqual([GUEST, GUEST, SEND, SEND]);
  expect(isProven(seen[1]?.headers, "guest", 8)).toBe(true);
  expect(seen[3]?.headers.get("Authorization")).toBe("Bearer new");
});

test("a guest that another tab got meanwhile is this tab's, too", async () => {
  localStorage.clear();
  const guest = () => {
    localStorage.setItem("edgewise.token", "of the other tab");
    return new Response(JSON.stringify({ token: "of this one" }), { status: 201 });
  };
  answers = [wants("guest", 8), guest, ok];
  await send();
  expect(seen.at(-1)?.headers.get("Authorization")).toBe("Bearer of the other tab");
  expect(localStorage.getItem("edgewise.token")).toBe("of the other tab");
});

for (const [what, hasToken] of [
  ["a message", true],
  ["a guest", false],
] as const)
  test(`work for ${what} ends at once when it is not wanted any more, and is said after a second until then`, async () => {
    if (!hasToken) localStorage.clear();
    isSlow = true;
    answers = [wants("abc", 8)];
    const halt = new AbortController();
    const sending = send(halt.signal);
    await vi.waitFor(() => expect(workers).toHaveLength(1));
    expect(isProving.value).toBe(false);
    await vi.waitFor(() => expect(isProving.value).toBe(true), 3000);
    expect(workers[0]?.isEnded).toBe(false);
    halt.abort();
    expect(await sending).toBe(halt.signal.reason);
    await vi.waitFor(() => expect(workers[0]?.isEnded).toBe(true));
    expect(isProving.value).toBe(false);
    expect(seen).toHaveLength(1);
  });

test("a guest whom somebody still waits for is worked for on", async () => {
  localStorage.clear();
  isSlow = true;
  answers = [wants("guest", 8), () => new Response(JSON.stringify({ token: "new" }), { status: 201 }), ok];
  const [one, other] = [new AbortController(), new AbortController()];
  const sendings = [send(one.signal), send(other.signal)];
  await vi.waitFor(() => expect(workers).toHaveLength(1));
  one.abort();
  expect(await sendings[0]).toBe(one.signal.reason);
  expect(workers[0]?.isEnded).toBe(false);
  workers[0]?.onmessage({ data: solve("guest", 8) });
  expect(await sendings[1]).toBeInstanceOf(Response);
});

test("where Turnstile is wanted its script is loaded then, and its token is the proof", async () => {
  answers = [() => refusal({ turnstile: { site_key: "site" } }), ok];
  const rendered: unknown[] = [];
  const removed: unknown[] = [];
  const turnstile = {
    render: (container: HTMLElement, options: { sitekey: string; callback: (token: string) => void }) => {
      rendered.push([container.className, options.sitekey]);
      setTimeout(() => options.callback("a person"));
      return "widget";
    },
    remove: (widget: string) => removed.push(widget),
  };
  expect(document.querySelector("script")).toBeNull();
  const sending = send();
  const script = await vi.waitFor(() => document.querySelector("script") ?? expect.fail());
  expect(script.src).toMatch(/^https:\/\/challenges\.cloudflare\.com\/turnstile\//);
  vi.stubGlobal("turnstile", turnstile);
  script.dispatchEvent(new Event("load"));
  expect(await sending).toBeInstanceOf(Response);
  expect(seen.map(({ headers }) => headers.get("X-Turnstile-Token"))).toEqual([null, "a person"]);
  expect([rendered, removed]).toEqual([[["turnstile", "site"]], ["widget"]]);
  expect(document.querySelector(".turnstile")).toBeNull();
});

test("what is no challenge of ours is none", async () => {
  answers = [() => new Response("<h1>Sign in</h1>", { status: 401, headers: { "Content-Type": "text/html" } })];
  expect(await send()).toMatchObject({ code: "foreign" });
  expect(seen).toHaveLength(1);
});
