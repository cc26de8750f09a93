/** Sessions under the day of their last activity: today and yesterday, a week, thirty days, then month by month; above them those that are pinned. */
import type { Session } from "../api/types.ts";

interface Month {
  kind: "month";
  year: number;
  month: number;
}
export type Day = { kind: "pinned" | "today" | "yesterday" | "week" | "days30" } | Month;

export interface DayOfSessions {
  day: Day;
  sessions: Session[];
}

/** How many days before today each begins. */
const BEGINS = { today: 0, yesterday: 1, week: 7, days30: 30 };

/** Groups `sessions`, as they are sorted, by the visitor's own calendar as it is at `now` (milliseconds since the epoch). */
export function byDay(sessions: readonly Session[], now: number): DayOfSessions[] {
  const groups: DayOfSessions[] = [];
  let name = "";
  for (const session of sessions) {
    const day: Day = session.pinned ? { kind: "pinned" } : dayOf(new Date(session.updated_at), new Date(now));
    if (name !== (name = Object.values(day).join())) groups.push({ day, sessions: [] });
    groups.at(-1)?.sessions.push(session);
  }
  return groups;
}

function dayOf(time: Date, now: Date): Day {
  for (const [kind, days] of Object.entries(BEGINS) as [keyof typeof BEGINS, number][])
    // Through the calendar, not by 24 hours: some days are longer than others.
    if (time >= new Date(now.getFullYear(), now.getMonth(), now.getDate() - days)) return { kind };
  return { kind: "month", year: time.getFullYear(), month: time.getMonth() };
}
