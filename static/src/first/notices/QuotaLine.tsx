/** What is left of the limits, in one quiet line that speaks up when it is running out. */
import type { Allowance } from "../../api/quota.ts";
import { now } from "../../state/clock.ts";
import { allowances } from "../../state/quota.ts";
import { isLow } from "./isLow.ts";
import { strings } from "../strings.ts";
import { duration, number } from "../wording.ts";

/** The share of a limit below which the number that is left is shown. */
const WORTH_SAYING = 0.5;

export function QuotaLine() {
  const current = allowances.value;
  if (!current) return <p class="quota" />;
  const { day, minute } = current;
  return (
    <p class="quota">
      {day && day.remaining < day.limit * WORTH_SAYING && (
        <span class={isLow(day) ? "low" : ""}>
          <Gauge of={day} />
          {strings.leftToday(number(day.remaining), number(day.limit))}
          {` · ${strings.resetsIn(duration(day.resetAt - now.value))}`}
        </span>
      )}
      {isLow(minute) && minute.resetAt > now.value && (
        <span class="low">
          {strings.leftThisMinute(number(minute.remaining))} · {strings.resetsIn(duration(minute.resetAt - now.value))}
        </span>
      )}
    </p>
  );
}

function Gauge({ of }: { of: Allowance }) {
  const share = of.limit > 0 ? Math.max(0, of.remaining / of.limit) : 0;
  return (
    <svg class="gauge" viewBox="0 0 32 4" width="32" height="4" aria-hidden="true">
      <rect class="gauge-all" width="32" height="4" rx="2" />
      <rect class="gauge-left" width={32 * share} height="4" rx="2" />
    </svg>
  );
}
