/** The guest of this browser and the one of another device: which of them is here, and which waits. */
import { claimsOf } from "../../api/claims.ts";
import { keepToken, keptToken } from "../../api/token.ts";
import { addressOf } from "../../state/route.ts";
import { load, store } from "../../state/storage.ts";
import { tellTabs } from "../../state/tabs.ts";

/** Whether this browser has chats of its own beside those that it shows. */
export const hasOwn = () => load("own") !== null;

/** Whether the visitor has signed in: then the chats are an account's. */
export const isSignedIn = () => Boolean(claimsOf(keptToken()).sid);

/** Whether it is the guest who is here already. */
export const isHere = (token: string) => claimsOf(token).sub === claimsOf(keptToken()).sub;

/** The guest of another device is here from now on. The one who was here first waits. */
export function become(token: string): void {
  const before = keptToken();
  if (!hasOwn()) store("own", before);
  begin(token, before, "taken");
}

/** The guest of this browser is back. */
export function goBack(): void {
  const own = load("own");
  if (own === null) return;
  store("own", null);
  begin(own, keptToken(), "back");
}

/** The page begins anew, in all tabs: what is on screen is somebody else's. */
function begin(token: string, before: string | null, what: "taken" | "back"): void {
  keepToken(token, before);
  store("moved", what, "tab");
  tellTabs({ kind: "person", isOther: true });
  const anew = () => location.replace(addressOf(null));
  // A step back that is still to come calls a navigation off, as from a dialog that closes in between.
  addEventListener("popstate", anew);
  anew();
}
