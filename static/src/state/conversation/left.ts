/**
 * Answers that this browser was reading and has not seen the end of. If the server has stopped one meanwhile, the visitor did not: the
 * page was left, or its connection broke. A page cannot note that at its last moment, so it is noted when the reading begins.
 */
import { load, store } from "../storage.ts";

const KEY = "reading";
const MOST = 20;

export function noteReading(messageId: string): void {
  keep([...others(messageId), messageId]);
}

/** The visitor saw the end, or asked for it. */
export function noteEnd(messageId: string): void {
  keep(others(messageId));
}

export function wasLeft(messageId: string): boolean {
  return all().includes(messageId);
}

function all(): string[] {
  return load(KEY)?.split(" ") ?? [];
}

function others(messageId: string): string[] {
  return all().filter((id) => id !== messageId);
}

function keep(ids: string[]): void {
  store(KEY, ids.slice(-MOST).join(" ") || null);
}
