/** Why nothing can be sent right now, in words; null: it can. */
import { now } from "../../state/clock.ts";
import { isOff } from "../../api/reachability.ts";
import { connection } from "../../state/connection.ts";
import { exhausted } from "../../state/quota.ts";
import { strings } from "../strings.ts";
import { duration } from "../wording.ts";

export function reasonNotToSend(): string | null {
  if (connection.value === "offline") return strings.noNetwork;
  if (isOff.value) return strings.isOff;
  if (!exhausted.value) return null;
  const time = duration(exhausted.value.resetAt - now.value);
  return exhausted.value.which === "day" ? strings.atDailyLimit(time) : strings.atMinuteLimit(time);
}
