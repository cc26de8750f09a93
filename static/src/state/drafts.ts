/** Unsent text, one per session, surviving a reload. The new chat has one too. */
import { type Signal, signal } from "@preact/signals";
import { load, store } from "./storage.ts";

const drafts = new Map<string, Signal<string>>();

export function draftOf(sessionId: string | null): Signal<string> {
  const key = `draft.${sessionId ?? "new"}`;
  let draft = drafts.get(key);
  if (!draft) {
    draft = signal(load(key) ?? "");
    draft.subscribe((text) => {
      store(key, text || null);
    });
    drafts.set(key, draft);
  }
  return draft;
}
