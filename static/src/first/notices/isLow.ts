/** When a limit is worth a warning. */
import type { Allowance } from "../../api/quota.ts";

/** Less than this share left. */
const LOW = 0.2;

export function isLow(allowance: Allowance): boolean {
  return allowance.remaining <= allowance.limit * LOW;
}
