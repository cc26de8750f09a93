/**
 * Answers that this browser was reading and has not seen the end of. One that the server has stopped meanwhile was stopped by nobody:
 * the page was left, or its connection broke. Nobody can note that at the last moment, so it is noted at the first.
 */
import { load, store } from "../storage.ts";

const KEY = "reading";
const MOST = 20;

export function noteReading(messageId: string): void {
  keep([...others(messageId), messageId]);
}

/** Its end was seen, or wished for. */
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
