/** Where figures are in a picture. */
import type { Hour } from "./shapes.ts";

const HOUR = 3_600_000;

/** The next round number, 1, 2 or 5 with zeros, that is not below `most`: what a scale ends with. */
export function roundedUp(most: number): number {
  if (!(most > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(most));
  // 0.1 + 0.2 is a little above 0.3: what is as good as round is round.
  return ([1, 2, 5].find((step) => step * unit >= most * (1 - 1e-9)) ?? 10) * unit;
}

/** How much of `all` that is, from 0 to 1. */
export function shareOf(part: number, all: number): number {
  return all > 0 ? Math.min(1, Math.max(0, part / all)) : 0;
}

/** How many hours a span touches. */
export function hoursIn(from: string, to: string): number {
  return Math.max(1, Math.ceil(Date.parse(to) / HOUR) - Math.floor(Date.parse(from) / HOUR));
}

/** Which hour of the span it is, counted from 0, whether or not each is listed. */
export function placeOf({ at }: Pick<Hour, "at">, from: string): number {
  return Math.floor(Date.parse(at) / HOUR) - Math.floor(Date.parse(from) / HOUR);
}

/** Those in which readers waited longest for a first byte, the slowest first. */
export function slowest(hours: readonly Hour[], most: number): Hour[] {
  return hours
    .filter(({ ttft_p95_ms: wait }) => wait !== null)
    .sort((one, other) => (other.ttft_p95_ms ?? 0) - (one.ttft_p95_ms ?? 0))
    .slice(0, most);
}
