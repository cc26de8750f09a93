/** What is left of the limits. Each answer brings it along, also a refusal; it is asked for at the start and when a limit resets. */
import { computed, effect, signal } from "@preact/signals";
import { type Allowances, watchQuota } from "../api/quota.ts";
import { request } from "../api/request.ts";
import { Changes } from "./changes.ts";
import { now } from "./clock.ts";
import { refusal } from "./refusal.ts";
import { onNews, tellTabs } from "./tabs.ts";

export const allowances = signal<Allowances | null>(null);

/** The limit that forbids sending right now, if any: the visitor's own, or the money that the operator gives for all. */
export const exhausted = computed<{ which: "day" | "minute" | "budget"; resetAt: number } | null>(() => {
  const [current, refused] = [allowances.value, refusal.value];
  if (refused?.code === "budget_exhausted") return { which: "budget", resetAt: refused.until };
  if (!current) return null;
  for (const which of ["day", "minute"] as const) {
    const allowance = current[which];
    if (allowance && allowance.remaining <= 0 && allowance.resetAt > now.value)
      return { which, resetAt: allowance.resetAt };
  }
  return null;
});

const changes = new Changes();

watchQuota(() => {
  const asked = changes.ask();
  return (seen) => {
    if (!changes.accepts("quota", asked)) return;
    const isNews = JSON.stringify(seen) !== JSON.stringify(allowances.peek());
    allowances.value = seen;
    if (isNews) tellTabs({ kind: "quota", allowances: seen });
  };
});

onNews((news) => {
  if (news.kind !== "quota") return;
  changes.touch("quota");
  allowances.value = news.allowances;
});

let asking = false;

/** Asks the server, whose answer says it in its headers. Not knowing the quota is no reason to bother anybody: the line then stays as it was. */
export async function refreshQuota(): Promise<void> {
  if (asking) return;
  asking = true;
  try {
    const { body } = await request("/chat/quota");
    await body?.cancel();
  } catch {
    // The next answer's headers will tell.
  } finally {
    asking = false;
  }
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
