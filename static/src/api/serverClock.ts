/** The time by the server's clock, learnt from the `Date` of its answers: limits and dates of the server are compared with no other. */
import { signal } from "@preact/signals";

/** Clocks that differ by less than this agree, in milliseconds. */
const SLACK = 500;

/** How far the server's clock is ahead of this device's, in milliseconds. */
export const ahead = signal(0);

/** Milliseconds since the epoch. */
export function serverNow(): number {
  return Date.now() + ahead.peek();
}

/** Learns from an answer that was asked for at `asked` by this device's clock, and is here now. */
export function learnClock(headers: Headers, asked: number): void {
  const said = Date.parse(headers.get("Date") ?? "");
  // What a cache has kept was dated long ago.
  const isFresh = headers.get("Cache-Control")?.includes("no-store") ?? false;
  if (!isFresh || Number.isNaN(said)) return;
  // Somewhere between asking and now the server's clock stood in the second that it said.
  const [least, most] = [said - Date.now(), said + 1000 - asked];
  if (ahead.peek() < least - SLACK || ahead.peek() > most + SLACK) ahead.value = (least + most) / 2;
}
