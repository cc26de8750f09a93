/** One authenticated call to the API. A token that ended is renewed and one that our API refused replaced, once and silently; every other failure is a `Problem`. */
import { Problem } from "./problem.ts";
import { quotaFromHeaders, quotaOfCall } from "./quota.ts";
import { reach } from "./reachability.ts";
import { guestToken, refuseToken, refusesToken } from "./token.ts";

export interface Call {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** The answer, which is a success; its body is still unread. */
export async function request(path: string, call: Call = {}): Promise<Response> {
  const token = await guestToken().catch(asProblem(call.signal));
  const response = await attempt(path, call, token);
  if (response.ok) return response;
  const problem = await Problem.fromResponse(response);
  if (!refusesToken(problem)) throw problem;

  refuseToken(token, problem.code === "token_expired");
  const again = await attempt(path, call, await guestToken().catch(asProblem(call.signal)));
  if (again.ok) return again;
  throw await Problem.fromResponse(again);
}

/** The JSON of a successful answer. */
export async function requestJson<T>(path: string, call: Call = {}): Promise<T> {
  const response = await request(path, call);
  try {
    return (await response.json()) as T;
  } catch (thrown) {
    if (call.signal?.aborted) throw thrown;
    throw new Problem({ code: "unreadable", status: response.status });
  }
}

async function attempt(path: string, call: Call, token: string): Promise<Response> {
  const headers = new Headers({ ...call.headers, Authorization: `Bearer ${token}` });
  const init: RequestInit = { method: call.method ?? "GET", headers };
  if (call.body !== undefined) {
    headers.set("Content-Type", "application/json");
    init.body = JSON.stringify(call.body);
  }
  if (call.signal) init.signal = call.signal;
  const noteQuota = quotaOfCall();
  const response = await reach(path, init).catch(asProblem(call.signal));
  // A refusal says what is left, too.
  const quota = quotaFromHeaders(response.headers);
  if (quota) noteQuota(quota);
  return response;
}

/** An abort is the caller's own wish and stays what it is. */
function asProblem(signal: AbortSignal | undefined): (thrown: unknown) => never {
  return (thrown) => {
    throw signal?.aborted ? thrown : Problem.from(thrown);
  };
}
