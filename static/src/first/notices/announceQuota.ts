/** Says, once each, that little is left for today, and that nothing is. */
import { effect } from "@preact/signals";
import { announce } from "../../state/announcer.ts";
import { now } from "../../state/clock.ts";
import { allowances, exhausted } from "../../state/quota.ts";
import { isLow } from "./isLow.ts";
import { duration, number } from "../wording.ts";

let wasLow = false;
let reached: "day" | "minute" | "budget" | undefined;
const words = { day: "atDailyLimit", minute: "atMinuteLimit", budget: "atBudget" } as const;

effect(() => {
  const day = allowances.value?.day;
  const is = day ? isLow(day) && day.remaining > 0 : false;
  if (day && is && !wasLow) announce("lowToday", number(day.remaining), number(day.limit));
  wasLow = is;
});

effect(() => {
  const limit = exhausted.value;
  if (limit && limit.which !== reached) announce(words[limit.which], duration(limit.resetAt - now.peek()));
  reached = limit?.which;
});
