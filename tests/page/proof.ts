/** Whether a proof of work is one, reckoned by another than the page. */
import { createHash } from "node:crypto";

/** How many zero bits the SHA-256 of `proof` begins with, up to 32; -1 if it is no proof for `challenge`. */
export function zeroBits(proof: string | undefined, challenge: string): number {
  if (!proof?.startsWith(`${challenge}.`) || !/\.\d+$/.test(proof)) return -1;
  return Math.clz32(createHash("sha256").update(proof).digest().readUInt32BE());
}
