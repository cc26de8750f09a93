/** The list of sessions, newest activity first. */
import { type ReadonlySignal, computed, signal } from "@preact/signals";
import { Problem } from "../api/problem.ts";
import { deleteSession, listSessions, renameSession, restoreSession } from "../api/sessions.ts";
import type { Session } from "../api/types.ts";

export const sessions = signal<Session[]>([]);
export const listState = signal<"unread" | "reading" | "read" | "failed">("unread");
const page = signal(0);
export const pagesRead: ReadonlySignal<number> = page;
const pages = signal(1);

export const hasMore = computed(() => listState.value === "read" && page.value < pages.value);

/** Reads the first page; sessions already known from further pages stay. */
export async function readFirstPage(): Promise<void> {
  await readPage(1);
}

export async function readNextPage(): Promise<void> {
  if (listState.value !== "reading") await readPage(page.value + 1);
}

async function readPage(wanted: number): Promise<void> {
  listState.value = "reading";
  try {
    const answer = await listSessions(wanted);
    page.value = Math.max(page.value, answer.page);
    pages.value = answer.total_pages;
    merge(answer.sessions);
    listState.value = "read";
  } catch (thrown) {
    listState.value = "failed";
    throw Problem.from(thrown);
  }
}

/** Puts sessions into the list, the newer word about each winning. */
export function merge(news: Session[]): void {
  const byId = new Map([...sessions.value, ...news].map((session) => [session.id, session]));
  sessions.value = [...byId.values()].sort((a, b) => b.updated_at.localeCompare(a.updated_at));
}

export async function rename(session: Session, title: string): Promise<void> {
  const old = session.title;
  replace({ ...session, title });
  try {
    replace(await renameSession(session.id, title));
  } catch (thrown) {
    replace({ ...session, title: old });
    throw Problem.from(thrown);
  }
}

/** Takes the session off the list at once, and puts it back if the server refuses. */
export async function remove(session: Session): Promise<void> {
  sessions.value = sessions.value.filter(({ id }) => id !== session.id);
  try {
    await deleteSession(session.id);
  } catch (thrown) {
    const problem = Problem.from(thrown);
    // Gone already is what was wanted.
    if (problem.status === 404) return;
    merge([session]);
    throw problem;
  }
}

export async function restore(session: Session): Promise<void> {
  merge([await restoreSession(session.id)]);
}

function replace(session: Session): void {
  sessions.value = sessions.value.map((other) => (other.id === session.id ? session : other));
}
