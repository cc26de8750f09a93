/** Sessions under the day of their last activity: today and yesterday, a week, thirty days, then month by month; above them those that are pinned. */
import type { Session } from "../api/types.ts";

export type Day =
  { kind: "pinned" | "today" | "yesterday" | "week" | "days30" } | { kind: "month"; year: number; month: number };

export interface DayOfSessions {
  day: Day;
  sessions: Session[];
}

/** Groups `sessions`, as they are sorted, by the visitor's own calendar as it is at `now` (milliseconds since the epoch). */
export function byDay(sessions: readonly Session[], now: number): DayOfSessions[] {
  const today = midnight(new Date(now));
  const groups: DayOfSessions[] = [];
  for (const session of sessions) {
    const day: Day = session.pinned ? { kind: "pinned" } : dayOf(new Date(session.updated_at), today);
    const last = groups.at(-1);
    if (last && isSame(last.day, day)) last.sessions.push(session);
    else groups.push({ day, sessions: [session] });
  }
  return groups;
}

function dayOf(time: Date, today: Date): Day {
  // Through the calendar, not by 24 hours: some days are longer than others.
  if (time >= today) return { kind: "today" };
  if (time >= daysBefore(today, 1)) return { kind: "yesterday" };
  if (time >= daysBefore(today, 7)) return { kind: "week" };
  if (time >= daysBefore(today, 30)) return { kind: "days30" };
  return { kind: "month", year: time.getFullYear(), month: time.getMonth() };
}

function isSame(a: Day, b: Day): boolean {
  if (a.kind === "month" && b.kind === "month") return a.year === b.year && a.month === b.month;
  return a.kind === b.kind;
}

function midnight(time: Date): Date {
  return new Date(time.getFullYear(), time.getMonth(), time.getDate());
}

function daysBefore(day: Date, days: number): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() - days);
}
