/** The first page of the list as it was seen last in this browser: there at once on the next visit. `later/listed` keeps it. */
import { type SaidPage, lister } from "../api/sessions.ts";
import { load } from "./storage.ts";

export const LIST = "list";

/** Null: there is none, it is somebody else's, or an older page has kept it. */
export function keptList(): SaidPage | null {
  try {
    const kept = JSON.parse(load(LIST) ?? "") as SaidPage;
    return kept.of === lister() ? kept : null;
  } catch {
    return null;
  }
}
