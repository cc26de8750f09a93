/** Spans of time that can be looked at. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How long each is, in milliseconds. */
export const SPANS = { day: DAY, week: 7 * DAY, month: 31 * DAY } as const;
export type SpanName = keyof typeof SPANS;

export interface Span {
  from: string;
  to: string;
}

/** The span of this name that ends at `now`, in milliseconds since the epoch, as the API is asked for it. */
export function spanUntil(now: number, name: SpanName): Span {
  return { from: stamp(now - SPANS[name]), to: stamp(now) };
}

/** For how long somebody can be shut out, in milliseconds. */
export const PAUSES = { hour: HOUR, day: DAY, week: 7 * DAY } as const;
export type PauseName = keyof typeof PAUSES;

/** The end of a pause that begins at `now`. */
export function pauseFrom(now: number, name: PauseName): string {
  return stamp(now + PAUSES[name]);
}

/** RFC 3339 in whole seconds, rounded up: what was said just now is in a span that ends now. */
const stamp = (time: number) => `${new Date(Math.ceil(time / 1000) * 1000).toISOString().slice(0, 19)}Z`;
