/** One authenticated call to the API. A token that ended is renewed and one that our API refused replaced, once and silently; every other failure is a `Problem`. */
import { Problem } from "./problem.ts";
import { withProof } from "./proof.ts";
import { quotaFromHeaders, quotaOfCall } from "./quota.ts";
import { reach } from "./reachability.ts";
import { refuseToken, refusesToken, visitorToken } from "./token.ts";

export interface Call {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Ends the call while something is being proved for it; what is on its way to the server is not touched. */
  halt?: AbortSignal;
}

/** The answer, which is a success, or says that what is known is still so; its body is still unread. */
export async function request(path: string, call: Call = {}): Promise<Response> {
  const token = await visitorToken(call.halt).catch(asProblem(call));
  try {
    return await proven(path, call, token);
  } catch (thrown) {
    if (!(thrown instanceof Problem) || !refusesToken(thrown)) throw thrown;
    refuseToken(token, thrown.code);
  }
  return proven(path, call, await visitorToken(call.halt).catch(asProblem(call)));
}

/** The JSON of a successful answer. */
export async function requestJson<T>(path: string, call: Call = {}): Promise<T> {
  return jsonOf(await request(path, call), call.signal);
}

export async function jsonOf<T>(response: Response, signal?: AbortSignal): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (thrown) {
    if (signal?.aborted) throw thrown;
    throw new Problem({ code: "unreadable", status: response.status });
  }
}

function proven(path: string, call: Call, token: string): Promise<Response> {
  return withProof((proof) => attempt(path, call, token, proof), call.halt ?? call.signal);
}

async function attempt(path: string, call: Call, token: string, proof: Record<string, string>): Promise<Response> {
  const headers = new Headers({ ...call.headers, ...proof, Authorization: `Bearer ${token}` });
  const init: RequestInit = { method: call.method ?? "GET", headers };
  if (call.body !== undefined) {
    headers.set("Content-Type", "application/json");
    init.body = JSON.stringify(call.body);
  }
  if (call.signal) init.signal = call.signal;
  const noteQuota = quotaOfCall();
  const response = await reach(path, init).catch(asProblem(call));
  // A refusal says what is left, too.
  const quota = quotaFromHeaders(response.headers);
  if (quota) noteQuota(quota);
  return response;
}

/** An abort is the caller's own wish and stays what it is. */
function asProblem({ signal, halt }: Call): (thrown: unknown) => never {
  return (thrown) => {
    throw signal?.aborted || (halt?.aborted && thrown === halt.reason) ? thrown : Problem.from(thrown);
  };
}
