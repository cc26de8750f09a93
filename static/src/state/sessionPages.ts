/** The list of sessions as it is put together from pages, whose borders move while one reads: chats are deleted, and others come to the top. */
import type { Session, SessionPage } from "../api/types.ts";

export interface Joined {
  rows: Session[];
  /** The page that has to be read again, because this one does not join on to what is there; null: it does. */
  missing: number | null;
}

/** Those that are pinned first, then newest activity first, as the server sorts. */
export function sorted(rows: Iterable<Session>): Session[] {
  return [...rows].sort((a, b) => (isBefore(a, b) ? -1 : 1));
}

function isBefore(a: Session, b: Session): boolean {
  return place(a) > place(b);
}

/** No time begins with another one: each ends with its zone. */
function place({ pinned, updated_at, id }: Session): string {
  return (pinned ? "1" : "0") + updated_at + id;
}

/**
 * `rows` with what `page` says. `total`: how many there are as far as is known, null if it is not. `accepts`: whether it may say something of this session. What it may not speak of stays as it is; what
 * it should name and does not is gone.
 */
export function join(
  rows: readonly Session[],
  page: SessionPage,
  perPage: number,
  total: number | null,
  accepts: (id: string) => boolean,
): Joined {
  const named = new Map(page.sessions.map((session) => [session.id, session]));
  const [first, last] = [page.sessions.at(0), page.sessions.at(-1)];
  const isPast = page.page > Math.max(1, page.total_pages);
  const isWithin = (row: Session) =>
    !isPast &&
    (page.page === 1 || (first !== undefined && isBefore(first, row))) &&
    (page.page >= page.total_pages || (last !== undefined && isBefore(row, last)));
  const kept = rows.filter((row) => !named.has(row.id) && !(isWithin(row) && accepts(row.id)));
  const before = new Map(rows.map((row) => [row.id, row]));
  const news = page.sessions.flatMap((session) => {
    const row = accepts(session.id) ? session : before.get(session.id);
    return row ? [row] : [];
  });

  const joined = sorted([...kept, ...news]);
  const above = first ? joined.filter((row) => isBefore(row, first)).length : joined.length;
  // What was deleted elsewhere pulls others over the border of a page that is read already: some in here are known, or none was deleted.
  const isNext = page.total === total || page.sessions.some(({ id }) => before.has(id));
  const isJoined = page.page === 1 || (isPast ? above <= page.total : isNext && above === (page.page - 1) * perPage);
  return { rows: joined, missing: isJoined ? null : Math.min(page.page - 1, Math.max(1, page.total_pages)) };
}

/** The page to read where `count` sessions are there already: read from its begin, so that nothing is left out between. */
export function pageAfter(count: number, perPage: number): number {
  return Math.floor(count / perPage) + 1;
}
