/** What is left of the limits. Each answer brings it along; it is asked for at the start and when a limit resets. */
import { computed, effect, signal } from "@preact/signals";
import { type Allowances, readQuota } from "../api/quota.ts";
import { now } from "./clock.ts";

export const allowances = signal<Allowances | null>(null);

/** The limit that forbids sending right now, if any. */
export const exhausted = computed<{ which: "day" | "minute"; resetAt: number } | null>(() => {
  const current = allowances.value;
  if (!current) return null;
  for (const which of ["day", "minute"] as const) {
    const allowance = current[which];
    if (allowance && allowance.remaining <= 0 && allowance.resetAt > now.value)
      return { which, resetAt: allowance.resetAt };
  }
  return null;
});

let asking = false;

/** Asks the server. Not knowing the quota is no reason to bother anybody: the line then stays as it was. */
export async function refreshQuota(): Promise<void> {
  if (asking) return;
  asking = true;
  try {
    allowances.value = await readQuota();
  } catch {
    // The next answer's headers will tell.
  } finally {
    asking = false;
  }
}

/** Takes what an answer's headers said. */
export function noteAllowances(seen: Allowances | null): void {
  if (seen) allowances.value = seen;
}

/** A reset that has passed is asked about once, not every second. */
let askedAbout = 0;
effect(() => {
  const current = allowances.value;
  if (!current) return;
  for (const allowance of [current.day, current.minute]) {
    const due = allowance && allowance.remaining < allowance.limit && allowance.resetAt <= now.value;
    if (due && askedAbout !== allowance.resetAt) {
      askedAbout = allowance.resetAt;
      void refreshQuota();
      return;
    }
  }
});
