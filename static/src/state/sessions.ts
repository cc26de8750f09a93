/** The list of sessions: those that are pinned, then newest activity first. */
import { type ReadonlySignal, computed, signal } from "@preact/signals";
import { Problem } from "../api/problem.ts";
import { SESSIONS_PER_PAGE, deleteSession, listSessions, restoreSession } from "../api/sessions.ts";
import type { Session } from "../api/types.ts";
import { Changes } from "./changes.ts";
import { keptList } from "./keptList.ts";
import { join, pageAfter, sorted } from "./sessionPages.ts";
import { onNews, tellTabs } from "./tabs.ts";

/** The first page as the server has said it last, in this visit or before. */
let said = keptList();
export const firstPage = () => said;

export const sessions = signal<Session[]>(said?.sessions ?? []);
export const listState = signal<"unread" | "reading" | "read" | "failed">("unread");
/** Why the list could not be read. */
export const listProblem = signal<Problem | null>(null);
const reads = signal(0);
/** Counts the pages that were read. */
export const pagesRead: ReadonlySignal<number> = reads;
const hasEnd = signal(said?.total_pages === 1);
/** How many sessions there are, as far as is known. */
let total: number | null = null;

export const hasMore = computed(() => listState.value.startsWith("read") && !hasEnd.value);

export const changes = new Changes();
const deleted = signal<ReadonlyMap<string, Session>>(new Map());
/** Those that were deleted, here or in another tab, while this page lived. */
export const deletedSessions: ReadonlySignal<ReadonlyMap<string, Session>> = deleted;

/** The session of that id if it was deleted. */
export function deletedSession(id: string): Session | undefined {
  return deleted.value.get(id);
}

/** Reads the first page; sessions already known from further pages stay. */
export async function readFirstPage(): Promise<void> {
  await readPages(1, SESSIONS_PER_PAGE);
}

/** Reads the page after the end of the list, or one page further if that brought nothing. */
export async function readNextPage(perPage = SESSIONS_PER_PAGE): Promise<void> {
  if (listState.value === "reading") return;
  const page = Math.max(pageAfter(sessions.value.length, perPage), barren + 1);
  const before = sessions.value.length;
  await readPages(page, perPage);
  barren = sessions.value.length > before ? 0 : page;
}
let barren = 0;

/** Reads `wanted`, and those before it that have to be read again until all join. */
async function readPages(wanted: number, perPage: number): Promise<void> {
  listState.value = "reading";
  try {
    let page: number | null = wanted;
    while (page !== null) {
      const asked = changes.ask();
      const answer = await listSessions(page, perPage, page === 1 ? said : null);
      if (page === 1) said = answer;
      const known = new Set(sessions.value.map(({ id }) => id));
      const overlaps = answer.sessions.some(({ id }) => known.has(id)) && known.size > answer.sessions.length;
      const accepts = (id: string) => changes.accepts(id, asked);
      const joined = join(sessions.value, answer, perPage, total, accepts);
      total = answer.total;
      // The first page read again says nothing of an end that was seen before, unless there is a gap between.
      if (page === wanted) hasEnd.value = answer.page >= answer.total_pages || (hasEnd.value && page === 1 && overlaps);
      sessions.value = joined.rows;
      page = joined.missing;
    }
    reads.value += 1;
    listState.value = "read";
    listProblem.value = null;
  } catch (thrown) {
    listState.value = "failed";
    listProblem.value = Problem.from(thrown);
    throw listProblem.value;
  }
}

/** The time at which a session is asked for, for `learn`. */
export function askSession(): number {
  return changes.ask();
}

/** Takes what the server said of a session when it was asked for at `asked`. */
export function learn(session: Session, asked: number): void {
  if (changes.accepts(session.id, asked)) put(session);
}

/** Puts a session into the list in which something was said here just now. */
export function note(session: Session): void {
  if (changes.isDeleted(session.id)) return;
  changes.touch(session.id);
  put(session);
  tellTabs({ kind: "session", session });
}

/** Those whose deletion is on its way: what another tab does in them does not bring them back. */
const leaving = new Set<string>();

/** Takes the session off the list at once, and puts it back if the server refuses: if `call` fails, which deletes it. */
export async function remove(session: Session, call: (id: string) => Promise<unknown> = deleteSession): Promise<void> {
  if (!changes.isDeleted(session.id)) takeOff(session);
  leaving.add(session.id);
  try {
    await call(session.id);
  } catch (thrown) {
    const problem = Problem.from(thrown);
    // Gone already is what was wanted.
    if (problem.code !== "session_not_found") {
      putBack(session);
      throw problem;
    }
  } finally {
    leaving.delete(session.id);
  }
  tellTabs({ kind: "deleted", session });
}

export async function restore(session: Session): Promise<void> {
  const restored = await restoreSession(session.id);
  putBack(restored);
  tellTabs({ kind: "session", session: restored });
}

onNews((news) => {
  if (news.kind === "deleted") takeOff(news.session);
  if (news.kind === "session" && !leaving.has(news.session.id)) putBack(news.session);
});

/** Takes those off the list that are deleted, or are about to be. */
export function takeOff(...those: Session[]): void {
  const gone = new Map(those.map((session) => [session.id, session]));
  for (const id of gone.keys()) changes.delete(id);
  deleted.value = new Map([...deleted.value, ...gone]);
  count(sessions.value.filter(({ id }) => !gone.has(id)));
}

function putBack(session: Session): void {
  changes.restore(session.id);
  if (deleted.value.has(session.id)) deleted.value = new Map([...deleted.value].filter(([id]) => id !== session.id));
  put(session);
}

function put(session: Session): void {
  count(sorted([session, ...sessions.value.filter(({ id }) => id !== session.id)]));
}

/** Shows `rows`, and counts how many more or fewer there are than before. */
function count(rows: Session[]): void {
  if (total !== null) total += rows.length - sessions.value.length;
  sessions.value = rows;
}
