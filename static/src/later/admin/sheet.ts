/** All figures of the page as one sheet: a line for each, with what it is of. */
import type { Cell } from "./csv.ts";
import type { Overview } from "./shapes.ts";

type Line = readonly [section: string, item: string, figure: string, value: Cell];

/** The lines of what is shown, with the names that the API has for them. */
export function sheet(of: Overview): Cell[][] {
  const lines: Line[] = [
    ["span", "", "from", of.from],
    ["span", "", "to", of.to],
    ...figures("messages", "", of.messages),
    ["messages", "", "success_rate", of.success_rate],
    ...figures("users", "", of.users),
    ...figures("ttft_ms", "", of.ttft_ms),
    ...figures("duration_ms", "", of.duration_ms),
    ...of.refusals.map(({ code, count }): Line => ["refusals", code, "count", count]),
    ...of.failures.map(({ code, count }): Line => ["failures", code, "count", count]),
    ...of.models.flatMap(({ model, ...rest }) => figures("models", model, rest)),
    ...of.feedback.flatMap(({ model, ...rest }) => figures("feedback", model, rest)),
    ...figures("budget", "", of.budget),
    ...figures("storage", "", of.storage),
    ...figures("breaker", "", of.breaker),
    ...of.hours.flatMap(({ at, ...rest }) => figures("hours", at, rest)),
    ...of.busiest.flatMap(({ user_id: user, ...rest }) => figures("busiest", user, rest)),
  ];
  return [["section", "item", "figure", "value"], ...lines.map((line) => [...line])];
}

function figures(section: string, item: string, of: object | null): Line[] {
  return Object.entries(of ?? {}).map(([figure, value]: [string, Cell]) => [section, item, figure, value]);
}
