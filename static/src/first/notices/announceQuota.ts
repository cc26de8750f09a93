/** Says, once each, that little is left for today, and that nothing is, unless a refusal says so already. */
import { effect } from "@preact/signals";
import { announce } from "../../state/announcer.ts";
import { now } from "../../state/clock.ts";
import { current } from "../../state/conversations.ts";
import { allowances, exhausted } from "../../state/quota.ts";
import { isLow } from "./isLow.ts";
import { isSaid } from "./isSaid.ts";
import { duration, number } from "../wording.ts";

let wasLow = false;
let reached: "day" | "minute" | "budget" | undefined;
const words = { day: "atDailyLimit", minute: "atMinuteLimit", budget: "atBudget" } as const;
const codes = { day: "quota_exceeded", minute: "rate_limited", budget: "budget_exhausted" } as const;

effect(() => {
  const day = allowances.value?.day;
  const is = day ? isLow(day) && day.remaining > 0 : false;
  if (day && is && !wasLow) announce("lowToday", number(day.remaining), number(day.limit));
  wasLow = is;
});

effect(() => {
  const limit = exhausted.value;
  // What will come of it may be that refusal.
  if (current.value.phase.value === "sending") return;
  if (limit && limit.which !== reached && !isSaid(codes[limit.which]))
    announce(words[limit.which], duration(limit.resetAt - now.peek()));
  reached = limit?.which;
});
