/** A way to a provider and back, as this tab knows of it: what it was for, and the key by which the server knows the page that has begun it. */
import { load, store } from "../../../state/storage.ts";

/** Where `dialog/providers/calls.ts` keeps it. */
const KEY = "trip";

export interface Trip {
  /** As the API calls it. */
  provider: string;
  purpose: "login" | "add";
  /** A secret of this tab's. */
  pageKey: string;
  /** Where the visitor was. */
  path: string;
}

/** What a provider's way back has brought. */
export interface Return {
  trip: Trip;
  /** Why nothing has come of it; null: something has. */
  failure: string | null;
}

/**
 * The way back that has just ended here, once. Null: there is none, or another page has begun it, of which this one wants to know nothing.
 * `takeUp` takes what stands behind the address' `#`.
 */
export function takeReturn(takeUp: (name: string) => string | null): Return | null {
  const failure = takeUp("sign-in-failed");
  if (failure === null && takeUp("signed-in") === null) return null;
  const trip = readTrip(load(KEY, "tab"));
  store(KEY, null, "tab");
  return trip && { trip, failure };
}

function readTrip(text: string | null): Trip | null {
  try {
    return text === null ? null : (JSON.parse(text) as Trip);
  } catch {
    return null;
  }
}
