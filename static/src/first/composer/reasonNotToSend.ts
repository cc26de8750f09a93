/** Why nothing can be sent right now, in words; null: it can. */
import { now } from "../../state/clock.ts";
import { isOff } from "../../api/reachability.ts";
import { connection } from "../../state/connection.ts";
import { exhausted } from "../../state/quota.ts";
import { refusal } from "../../state/refusal.ts";
import { strings } from "../strings.ts";
import { duration } from "../wording.ts";

export function reasonNotToSend(): string | null {
  if (connection.value === "offline") return strings.noNetwork;
  if (isOff.value) return strings.isOff;
  if (!exhausted.value) return refusal.value && strings.tryIn(duration(refusal.value.until - now.value));
  const time = duration(exhausted.value.resetAt - now.value);
  switch (exhausted.value.which) {
    case "day":
      return strings.atDailyLimit(time);
    case "minute":
      return strings.atMinuteLimit(time);
    case "budget":
      return strings.atBudget(time);
  }
}
