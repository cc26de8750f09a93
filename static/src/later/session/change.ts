/** What a visitor changes of a session, its title or whether it is pinned: at once, and as it was if the server refuses. */
import { Problem } from "../../api/problem.ts";
import { requestJson } from "../../api/request.ts";
import type { Session } from "../../api/types.ts";
import { sorted } from "../../state/sessionPages.ts";
import { changes, sessions } from "../../state/sessions.ts";
import { tellTabs } from "../../state/tabs.ts";

export function rename(session: Session, title: string): Promise<void> {
  return change(session, "title", title);
}

export function setPinned(session: Session, pinned: boolean): Promise<void> {
  return change(session, "pinned", pinned);
}

async function change<Name extends "title" | "pinned">(
  session: Session,
  name: Name,
  value: NonNullable<Session[Name]>,
): Promise<void> {
  const { id } = session;
  const old = session[name];
  replace(id, name, value);
  try {
    const body = { [name]: value };
    const call = () => requestJson<Session>(`/chat/sessions/${encodeURIComponent(id)}`, { method: "PATCH", body });
    const changed = await changes.during(id, call);
    // Only this is taken, unless it was changed since: the reply may be older than the rest.
    if (changes.isDeleted(id) || (listed(id)?.[name] ?? value) !== value) return;
    replace(id, name, changed[name]);
    tellTabs({ kind: "session", session: listed(id) ?? changed });
  } catch (thrown) {
    // Unless it was changed since.
    if (listed(id)?.[name] === value) replace(id, name, old);
    throw Problem.from(thrown);
  }
}

function listed(id: string): Session | undefined {
  return sessions.value.find((session) => session.id === id);
}

function replace<Name extends "title" | "pinned">(id: string, name: Name, value: Session[Name]): void {
  sessions.value = sorted(sessions.value.map((other) => (other.id === id ? { ...other, [name]: value } : other)));
}
