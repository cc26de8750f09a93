/** Renews an account's token shortly before it ends, so that no message has to wait for that. */
import { effect } from "@preact/signals";
import { claimsOf } from "../../../api/claims.ts";
import { keptToken, refuseToken, visitorToken } from "../../../api/token.ts";
import { now } from "../../../state/clock.ts";

/** How long before its end, in milliseconds. */
const AHEAD = 60_000;

let asked: string | null = null;

// The clock stands still while the tab is hidden: a tab that nobody looks at renews nothing.
effect(() => {
  const time = now.value;
  const token = keptToken();
  const { sid, exp } = claimsOf(token);
  if (!token || !sid || !exp || token === asked || exp * 1000 - time > AHEAD) return;
  // Once for each token: the next call tries again what failed.
  asked = token;
  refuseToken(token, "token_expired");
  visitorToken().catch(() => undefined);
});
