/** What went wrong with a call, in one type: answers of the API, and answers that never came. */
import type { ErrorBody } from "./types.ts";

export interface ProblemDetails {
  /** A code of the HTTP contract, or `offline` / `unreadable` for what no server said. */
  code: string;
  message?: string | undefined;
  status?: number | undefined;
  /** Seconds until it makes sense to try again. */
  retryAfter?: number | undefined;
  requestId?: string | undefined;
  /** Ids the server had already given out when it failed. */
  sessionId?: string | undefined;
}

export class Problem extends Error {
  readonly code: string;
  readonly status: number | undefined;
  /** When it makes sense to try again, in milliseconds since the epoch by this browser's clock. */
  readonly retryAt: number | undefined;
  readonly requestId: string | undefined;
  readonly sessionId: string | undefined;

  constructor(details: ProblemDetails) {
    super(details.message ?? details.code);
    this.name = "Problem";
    this.code = details.code;
    this.status = details.status;
    this.retryAt = details.retryAfter === undefined ? undefined : Date.now() + details.retryAfter * 1000;
    this.requestId = details.requestId;
    this.sessionId = details.sessionId;
  }

  /** The problem an unsuccessful answer describes. A body that is not ours (a proxy's page) still gives a usable one. */
  static async fromResponse(response: Response): Promise<Problem> {
    const error = readError(await response.text().catch(() => ""));
    const header = Number(response.headers.get("Retry-After"));
    return new Problem({
      code: error?.code ?? codeOfStatus(response.status),
      message: error?.message,
      status: response.status,
      retryAfter: error?.retry_after ?? (header > 0 ? header : undefined),
      requestId: error?.request_id ?? response.headers.get("X-Request-Id") ?? undefined,
      sessionId: response.headers.get("X-Session-Id") ?? undefined,
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
    return typeof parsed?.error?.code === "string" ? parsed.error : undefined;
  } catch {
    return undefined;
  }
}

function codeOfStatus(status: number): string {
  if (status === 401) return "unauthenticated";
  if (status === 404) return "not_found";
  if (status === 429) return "rate_limited";
  return status >= 500 ? "internal" : "invalid_request";
}
