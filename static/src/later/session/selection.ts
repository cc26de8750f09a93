/** Which sessions are selected, while some are to be deleted together. */
import { computed, signal } from "@preact/signals";
import type { Session } from "../../api/types.ts";
import { addressOf, openSessionId } from "../../state/route.ts";
import { sessions } from "../../state/sessions.ts";

interface Selection {
  ids: ReadonlySet<string>;
  /** Where the next range begins: what was selected, or let go, last. */
  anchor: string;
  /** The row that it began in. */
  from: string;
}

const selection = signal<Selection | null>(null);

export const isSelecting = computed(() => selection.value !== null);
export const isSelected = ({ id }: Session) => selection.value?.ids.has(id) ?? false;
/** The selected sessions that are still there. */
export const selected = computed<Session[]>(() => sessions.value.filter(isSelected));

export function begin({ id }: Session): void {
  selection.value = { ids: new Set([id]), anchor: id, from: id };
}

export function end(): void {
  selection.value = null;
}

/** Ends it; the focus stays in the row of `session`, or goes to the one that it began in. */
export function leave(session?: Session): void {
  const id = session?.id ?? selection.peek()?.from ?? null;
  end();
  requestAnimationFrame(() => {
    const row = document.querySelector<HTMLElement>(`.sessions a[href="${addressOf(id)}"]`);
    (row ?? document.querySelector<HTMLElement>(".new-chat"))?.focus();
  });
}

/** Whether this is the row that the selection began in, which has the focus then. */
export function isBegin({ id }: Session): boolean {
  return selection.peek()?.from === id;
}

/** Selects a session, or lets it go; `isRange`: with all between it and the last one. */
export function choose({ id }: Session, isWanted: boolean, isRange: boolean): void {
  const { value } = selection;
  if (!value) return;
  const between = isRange ? range(idsOf(sessions.value), value.anchor, id) : [id];
  const ids = new Set(value.ids);
  for (const each of between) {
    if (isWanted) ids.add(each);
    else ids.delete(each);
  }
  selection.value = { ...value, ids, anchor: id };
}

/** Selects all from the row with the focus to `next`, or lets them go, as that row is: what was chosen last may stand elsewhere. */
export function takeAlong(focused: Session, next: Session): void {
  const isWanted = isSelected(focused);
  choose(focused, isWanted, false);
  choose(next, isWanted, true);
}

/** Selects all that are listed, or lets all go if they are. */
export function chooseAll(): void {
  const { value } = selection;
  if (!value) return;
  const isAll = selected.value.length === sessions.value.length;
  selection.value = { ...value, ids: new Set(isAll ? [] : idsOf(sessions.value)) };
}

/** What lies from `anchor` to `id`, both with it, in whichever direction; `id` alone if the anchor is gone. */
export function range(ids: readonly string[], anchor: string, id: string): string[] {
  const [one, other] = [ids.indexOf(anchor), ids.indexOf(id)];
  if (one < 0) return [id];
  return ids.slice(Math.min(one, other), Math.max(one, other) + 1);
}

function idsOf(list: readonly Session[]): string[] {
  return list.map(({ id }) => id);
}

// Back has closed the list on a phone.
addEventListener("popstate", end);
// Another chat is shown, in whichever way: what comes next is about that.
openSessionId.subscribe(end);
