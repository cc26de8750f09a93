/**
 * What was sent without a connection, as this browser keeps it: under the key it will have, until the server has it. So a reload and a closed
 * window lose none of it.
 */
import { computed, signal } from "@preact/signals";
import { claimsOf } from "../../api/claims.ts";
import { keptToken } from "../../api/token.ts";
import { load, onOtherTab, store } from "../../state/storage.ts";
import { isSignedIn } from "../../state/visitor.ts";

export interface Unsent {
  key: string;
  text: string;
  /** The chat it was said in; null: the new chat. */
  session: string | null;
  /** As in a turn. */
  parentId: string | null;
  /** When it was said, or last confirmed, in milliseconds since the epoch by this device's clock: without a network no other is known. */
  at: number;
  /** Who has said it; where there is nothing, there was no guest yet. */
  of?: string;
  /** A tab is sending it. */
  isGoing?: boolean;
}

const KEY = "unsent";
/** How long the server knows a key, in milliseconds. After that nothing is sent again unasked. */
const KEY_LIFE = 86_400_000;

/** Of everybody who was here, in the order in which it goes out. */
const all = signal<readonly Unsent[]>(read());
/** The visitor's, of all chats. */
export const unsent = computed(() => all.value.filter(isMine));

/** Whether the visitor has said it, as who is here now, or as the guest whom the account has claimed or the server has replaced. */
function isMine({ of }: Unsent): boolean {
  const { sub, sid, was } = claimsOf(keptToken());
  if (of === undefined) return sid === undefined;
  return of === sub || of === was || (sub !== undefined && load("heir") === `${of} ${sub}`);
}

/**
 * Changes what is kept of the visitor's, which another tab may have changed meanwhile; it is theirs for good then. Returns false where the
 * browser has not kept that.
 */
export function change(how: (mine: readonly Unsent[]) => readonly Unsent[]): boolean {
  const before = read();
  const { sub } = claimsOf(keptToken());
  const mine = how(before.filter(isMine)).map((one) => (sub === undefined ? one : { ...one, of: sub }));
  const text = JSON.stringify([...before.filter((one) => !isMine(one)), ...mine]);
  if (text !== kept()) store(KEY, text);
  // What is not in the storage is not here either: another tab would overwrite it.
  all.value = read();
  return text === kept();
}

onOtherTab(KEY, () => (all.value = read()));
// Who has signed in keeps what the guest has said, also when the token does not name the guest any more.
isSignedIn.subscribe(() => void change((mine) => mine));

function kept(): string {
  return load(KEY) ?? "[]";
}

function read(): readonly Unsent[] {
  return JSON.parse(kept()) as Unsent[];
}

export const has = (key: string | undefined) => all.peek().some((one) => one.key === key && isMine(one));

/** How far a clock may be set back before nobody knows how long it has waited, in milliseconds. */
const SLACK = 300_000;

export const isOld = ({ at }: Unsent, now = Date.now()) => now - at > KEY_LIFE || at - now > SLACK;

export function forget(key: string): void {
  if (has(key)) change((mine) => mine.filter((one) => one.key !== key));
}

/** Notes which one is being sent, by any tab; undefined: none is. */
export function mark(going?: string): void {
  change((all) => all.map((one) => ({ ...one, isGoing: one.key === going })));
}

/** What this tab has said in the new chat on its screen. */
const here = new Set<string>();

/** Puts it at the end of what waits. Returns whether it is kept. */
export function add(...those: readonly Unsent[]): boolean {
  for (const { key } of those) here.add(key);
  return change((all) => [...all, ...those]);
}

/**
 * The new chat has become a session by what was sent under `key`. If that had waited here, all that was said in the new chat belongs there;
 * otherwise only what this tab has said: another tab's new chat is another one.
 */
export function adopt(session: string, key: string | undefined): void {
  const isOurs = has(key);
  const isIt = (one: Unsent) => one.session === null && (isOurs || here.has(one.key));
  if (unsent.peek().some(isIt)) change((all) => all.map((one) => (isIt(one) ? { ...one, session } : one)));
}

/** It is wanted still, and so is what comes before it in its chat. */
export function confirm({ key, session }: Unsent): void {
  change((all) => {
    const last = all.findIndex((one) => one.key === key);
    return all.map((one, at) => (at <= last && one.session === session ? { ...one, at: Date.now() } : one));
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
