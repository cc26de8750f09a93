/** What a server may want to be shown before it does what it is asked for: that some work was done, or that there is a person. */
import type { ErrorBody } from "./types.ts";

export type Challenge =
  /** Work: a number for which the SHA-256 of `<text>.<number>` begins with `bits` zero bits. */
  | { kind: "work"; text: string; bits: number }
  /** A token of Cloudflare's Turnstile. */
  | { kind: "turnstile"; siteKey: string };

/** What may stand in a header; and a long text would make every try slow. */
const TEXT = /^[\x21-\x7e]{1,512}$/;

/** The challenge in an error of the API; undefined if there is none that is understood. */
export function challengeIn({ code, challenge, bits, turnstile }: ErrorBody["error"]): Challenge | undefined {
  if (code !== "challenge_required") return undefined;
  if (typeof turnstile?.site_key === "string") return { kind: "turnstile", siteKey: turnstile.site_key };
  const isWork = typeof challenge === "string" && TEXT.test(challenge) && Number.isInteger(bits);
  return isWork ? { kind: "work", text: challenge, bits: bits ?? 0 } : undefined;
}
