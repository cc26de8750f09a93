/** What is left of the limits: by its own call, or from the headers of any chat answer. */
import { requestJson } from "./request.ts";
import type { Quota } from "./types.ts";

/** One limit. `resetAt` is in milliseconds since the epoch. */
export interface Allowance {
  limit: number;
  remaining: number;
  resetAt: number;
}

/** `day` is null for those without a daily limit. */
export interface Allowances {
  minute: Allowance;
  day: Allowance | null;
}

export async function readQuota(): Promise<Allowances> {
  const { minute, day } = await requestJson<Quota>("/chat/quota");
  const allowance = (window: Quota["day"]): Allowance | null =>
    window.limit === null
      ? null
      : { limit: window.limit, remaining: window.remaining ?? window.limit, resetAt: Date.parse(window.reset_at) };
  return { minute: allowance(minute) ?? { limit: Infinity, remaining: Infinity, resetAt: 0 }, day: allowance(day) };
}

/** The allowances in an answer's headers, or null if it carries none. */
export function quotaFromHeaders(headers: Headers): Allowances | null {
  const minute = allowanceFromHeaders(headers, "X-RateLimit");
  return minute && { minute, day: allowanceFromHeaders(headers, "X-Daily-Quota") };
}

function allowanceFromHeaders(headers: Headers, prefix: string): Allowance | null {
  const [limit, remaining, reset] = ["Limit", "Remaining", "Reset"].map((name) => headers.get(`${prefix}-${name}`));
  if (!limit || !remaining || !reset) return null;
  const [most, left, seconds] = [Number(limit), Number(remaining), Number(reset)];
  if (![most, left, seconds].every(Number.isFinite)) return null;
  return { limit: most, remaining: left, resetAt: seconds * 1000 };
}
