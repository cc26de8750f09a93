/** Short messages at the edge of the page: what went wrong outside any message, and what can be undone. */
import { signal } from "@preact/signals";
import { announce } from "./announcer.ts";

export interface Notice {
  id: number;
  text: string;
  kind: "problem" | "done";
  /** `isUndo`: it takes back what was done. */
  action?: { label: string; run: () => void; isUndo?: boolean };
}

/** Long enough to read and to reach for "Undo"; problems stay until dismissed. */
const SHOWN_FOR = 12_000;

export const notices = signal<Notice[]>([]);
let last = 0;
const timers = new Map<number, ReturnType<typeof setTimeout>>();

export function notify(notice: Omit<Notice, "id">): void {
  const id = ++last;
  // The same words are not shown twice, unless each of them can be undone.
  const others = notices.value.filter(({ text, action }) => action?.isUndo === true || text !== notice.text);
  notices.value = [...others, { ...notice, id }];
  announce("notice", notice.text);
  if (notice.kind === "done") letGo(id);
}

export function dismiss(id: number): void {
  hold(id);
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** Keeps a notice while the pointer or the focus is in it. */
export function hold(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
}

/** From now on its time runs, from the beginning. */
export function letGo(id: number): void {
  hold(id);
  if (notices.value.some((notice) => notice.id === id && notice.kind === "done"))
    timers.set(
      id,
      setTimeout(() => dismiss(id), SHOWN_FOR),
    );
}

/** Undoes the last thing that still can be. Returns whether there was one. */
export function undoLast(): boolean {
  const notice = notices.value.findLast(({ action }) => action?.isUndo);
  if (!notice) return false;
  dismiss(notice.id);
  notice.action?.run();
  return true;
}
