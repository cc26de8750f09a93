/** The first page of the list as it was seen last in this browser: there at once on the next visit. `later/listed` keeps it. */
import { type SaidPage, lister } from "../api/sessions.ts";
import { load } from "./storage.ts";

export const LIST = "list";

/** Null: there is none, it is somebody else's, an older page has kept it, or it is none of ours: rows that cannot be shown would end the page at each start. */
export function keptList(): SaidPage | null {
  try {
    const kept = JSON.parse(load(LIST) ?? "") as SaidPage;
    return kept.of === lister() && kept.sessions.every((row) => row.updated_at) ? kept : null;
  } catch {
    return null;
  }
}
