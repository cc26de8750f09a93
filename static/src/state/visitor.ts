/** Whether the visitor has an account, in this browser. */
import { signal } from "@preact/signals";
import { claimsOf } from "../api/claims.ts";
import { keptToken } from "../api/token.ts";

/** By the token that there is: only an account's names a device. */
export const hasAccount = () => Boolean(claimsOf(keptToken()).sid);

/** Follows whoever signs in (`later/account/entry/person.ts`). */
export const isSignedIn = signal(hasAccount());
