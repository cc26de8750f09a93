/** What is left of the limits: in the headers of any chat answer, refusals among them. */
/** One limit. `resetAt` is in milliseconds since the epoch by the server's clock. */
export interface Allowance {
  limit: number;
  remaining: number;
  resetAt: number;
}

/** `day` is null for those without a daily limit. */
export interface Allowances {
  minute: Allowance;
  day: Allowance | null;
  /** The model that answers, or would next; null: nothing is said of it. */
  model: string | null;
}

type Note = (seen: Allowances) => void;
let whenAsked: () => Note = () => () => undefined;

/** Has `listener` hear of each call when it is made; what it returns hears what the answer says of the limits. */
export function watchQuota(listener: () => Note): void {
  whenAsked = listener;
}

export function quotaOfCall(): Note {
  return whenAsked();
}

/** The allowances in an answer's headers, or null if it carries none. */
export function quotaFromHeaders(headers: Headers): Allowances | null {
  const minute = allowanceFromHeaders(headers, "X-RateLimit");
  return minute && { minute, day: allowanceFromHeaders(headers, "X-Daily-Quota"), model: headers.get("X-Model") };
}

function allowanceFromHeaders(headers: Headers, prefix: string): Allowance | null {
  const [limit, remaining, reset] = ["Limit", "Remaining", "Reset"].map((name) => headers.get(`${prefix}-${name}`));
  if (!limit || !remaining || !reset) return null;
  const [most, left, seconds] = [Number(limit), Number(remaining), Number(reset)];
  if (![most, left, seconds].every(Number.isFinite)) return null;
  return { limit: most, remaining: left, resetAt: seconds * 1000 };
}
