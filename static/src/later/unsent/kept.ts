/**
 * What was sent without a connection, as this browser keeps it: under the key it will have, until the server has it. So a reload and a closed
 * window lose none of it.
 */
import { signal } from "@preact/signals";
import { serverNow } from "../../api/serverClock.ts";
import { load, onOtherTab, store } from "../../state/storage.ts";

export interface Unsent {
  key: string;
  text: string;
  /** The chat it was said in; null: the new chat. */
  session: string | null;
  /** As in a turn. */
  parentId: string | null;
  /** When it was said, or last confirmed, in milliseconds since the epoch by the server's clock. */
  at: number;
}

const KEY = "unsent";
/** How long the server knows a key, in milliseconds. After that nothing is sent again unasked. */
const KEY_LIFE = 86_400_000;

/** Of all chats, in the order in which it goes out. */
export const unsent = signal<readonly Unsent[]>(parse(load(KEY)) ?? []);
/** Whether the browser does not keep it: then it lives as long as the page. */
let isUnkept = false;

/** Changes what is kept, which another tab may have changed meanwhile. */
export function change(how: (all: readonly Unsent[]) => readonly Unsent[]): void {
  const kept = isUnkept ? null : parse(load(KEY));
  const next = how(kept ?? unsent.peek());
  const text = JSON.stringify(next);
  store(KEY, text);
  isUnkept = load(KEY) !== text;
  unsent.value = next;
}

onOtherTab(KEY, (_, value) => (unsent.value = parse(value) ?? []));

function parse(kept: string | null): readonly Unsent[] | null {
  return kept === null ? null : (JSON.parse(kept) as Unsent[]);
}

export const has = (key: string | undefined) => unsent.peek().some((one) => one.key === key);

export const isOld = ({ at }: Unsent, now = serverNow()) => now - at > KEY_LIFE;

export function forget(key: string): void {
  if (has(key)) change((all) => all.filter((one) => one.key !== key));
}

/** What was said in the new chat belongs to the session that this has become. */
export function adopt(session: string): void {
  if (unsent.peek().some((one) => one.session === null))
    change((all) => all.map((one) => ({ ...one, session: one.session ?? session })));
}

/** It is wanted still, and so is what comes before it in its chat. */
export function confirm({ key, session }: Unsent): void {
  change((all) => {
    const last = all.findIndex((one) => one.key === key);
    return all.map((one, at) => (at <= last && one.session === session ? { ...one, at: serverNow() } : one));
  });
}

/** What goes out next: nothing that is too old to be sent unasked, nor what comes after that in the same chat. */
export function next(all: readonly Unsent[]): Unsent | undefined {
  const held = new Set<string | null>();
  return all.find((one) => {
    if (isOld(one)) held.add(one.session);
    return !held.has(one.session);
  });
}
