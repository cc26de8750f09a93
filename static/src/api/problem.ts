/** What went wrong with a call, in one type: answers of the API, and answers that never came. */
import { type Challenge, challengeIn } from "./challenge.ts";
import { serverNow } from "./serverClock.ts";
import type { ErrorBody, ErrorCode, Scope } from "./types.ts";

/** A code of the HTTP contract, or a word of our own for what our server did not say. A newer server may send others. */
export type ProblemCode =
  ErrorCode | "offline" | "unreadable" | "foreign" | "too_much_work" | "not_stretched" | AuthenticatorCode;

/** Why a browser has made or used no passkey. */
type AuthenticatorCode =
  | "passkeys_unsupported"
  | "passkey_cancelled"
  | "passkey_late"
  | "passkey_known"
  | "passkey_unfit"
  | "passkey_elsewhere"
  | "passkey_failed";

export interface ProblemDetails {
  code: ProblemCode;
  message?: string | undefined;
  status?: number | undefined;
  /** Seconds until it makes sense to try again. */
  retryAfter?: number | undefined;
  /** The same moment as RFC 3339, for an error that says no seconds. */
  resetAt?: string | undefined;
  /** What a limit counts. */
  scope?: Scope | undefined;
  /** What the server wants to be proved first. */
  challenge?: Challenge | undefined;
  requestId?: string | undefined;
  /** Ids the server had already given out when it failed. */
  sessionId?: string | undefined;
  /** False: the same call will fail again for minutes. */
  mayRetry?: boolean | undefined;
  /** Whether our own API said so, in its own envelope. A proxy or the sign-in page of a network says other things. */
  isOurs?: boolean | undefined;
}

export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number | undefined;
  /** When it makes sense to try again, in milliseconds since the epoch by the server's clock. */
  readonly retryAt: number | undefined;
  readonly scope: Scope | undefined;
  readonly challenge: Challenge | undefined;
  readonly requestId: string | undefined;
  readonly sessionId: string | undefined;
  readonly mayRetry: boolean;
  readonly isOurs: boolean;

  constructor(details: ProblemDetails) {
    super(details.message ?? details.code);
    this.name = "Problem";
    this.code = details.code;
    this.status = details.status;
    this.retryAt =
      details.retryAfter === undefined
        ? Date.parse(details.resetAt ?? "") || undefined
        : serverNow() + details.retryAfter * 1000;
    this.scope = details.scope;
    this.challenge = details.challenge;
    this.requestId = details.requestId;
    this.sessionId = details.sessionId;
    this.mayRetry = details.mayRetry ?? true;
    this.isOurs = details.isOurs ?? false;
  }

  /** The problem an unsuccessful answer describes. A body that is not ours (a proxy's page) still gives a usable one. */
  static async fromResponse(response: Response): Promise<Problem> {
    const isJson = response.headers.get("Content-Type")?.startsWith("application/json") ?? false;
    const body = await response.text().catch(() => "");
    const error = isJson ? readError(body) : undefined;
    // Seconds, or a date.
    const header = response.headers.get("Retry-After");
    const seconds = Number(header);
    return new Problem({
      code: error?.code ?? codeOfStatus(response.status),
      message: error?.message,
      status: response.status,
      retryAfter: error?.retry_after ?? (seconds > 0 ? seconds : undefined),
      resetAt: error?.reset_at ?? (Number.isNaN(seconds) ? (header ?? undefined) : undefined),
      scope: error?.scope ?? undefined,
      challenge: response.status === 401 && error ? challengeIn(error) : undefined,
      requestId: error?.request_id ?? response.headers.get("X-Request-Id") ?? undefined,
      sessionId: response.headers.get("X-Session-Id") ?? undefined,
      mayRetry: response.headers.get("X-Should-Retry") !== "false",
      isOurs: error !== undefined,
    });
  }

  /** The problem inside an `event: error` of a stream. */
  static fromEvent(data: string): Problem {
    const error = readError(data);
    return new Problem({
      code: error?.code ?? "provider_error",
      message: error?.message,
      requestId: error?.request_id,
      retryAfter: error?.retry_after ?? undefined,
    });
  }

  /** Anything thrown, as a problem; what `fetch` throws means that no answer came. */
  static from(thrown: unknown): Problem {
    return thrown instanceof Problem ? thrown : new Problem({ code: "offline", message: String(thrown) });
  }
}

function readError(body: string): ErrorBody["error"] | undefined {
  try {
    const parsed = JSON.parse(body) as Partial<ErrorBody> | null;
    // Proxies and other APIs have codes, too; none has an id of a request like ours beside it.
    const isOurs = typeof parsed?.error?.code === "string" && typeof parsed.error.request_id === "string";
    return isOurs ? parsed.error : undefined;
  } catch {
    return undefined;
  }
}

/** The most likely meaning of a status that came from between us and our server. */
function codeOfStatus(status: number): ProblemCode {
  if (status === 413) return "body_too_large";
  if (status === 429) return "rate_limited";
  return status >= 500 && status !== 511 ? "internal" : "foreign";
}
