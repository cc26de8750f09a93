/** Short messages at the edge of the page: what went wrong outside any message, and what can be undone. */
import { signal } from "@preact/signals";

export interface Notice {
  id: number;
  text: string;
  kind: "problem" | "done";
  action?: { label: string; run: () => void };
}

/** Long enough to read and to reach for "Undo" by keyboard; problems stay until dismissed. */
const SHOWN_FOR = 12_000;

export const notices = signal<Notice[]>([]);
let last = 0;

export function notify(notice: Omit<Notice, "id">): void {
  const id = ++last;
  // The same words twice help nobody, but each thing that can be undone has its own way back.
  const others = notices.value.filter(({ text, action }) => text !== notice.text || action !== undefined);
  notices.value = [...others, { ...notice, id }];
  if (notice.kind === "done") setTimeout(() => dismiss(id), SHOWN_FOR);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}
