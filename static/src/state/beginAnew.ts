/** The page begins anew: what is on screen is somebody else's. */
import { addressOf } from "./route.ts";

/** A step back that is still to come calls a navigation off, as from a dialog that closes in between. It is begun again then. */
export function beginAnew(): void {
  const begin = () => location.replace(addressOf(null));
  addEventListener("popstate", begin);
  begin();
}
