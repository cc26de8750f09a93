/**
 * Until when the server wants no more turns from this visitor, whichever chat they are for: its limits, its budget, its room and what it
 * knows of the model are the same in all of them, and in all tabs.
 */
import { type ReadonlySignal, computed, signal } from "@preact/signals";
import type { Problem, ProblemCode } from "../api/problem.ts";
import { Changes } from "./changes.ts";
import { now } from "./clock.ts";
import { onNews, tellTabs } from "./tabs.ts";

export interface Refusal {
  code: ProblemCode;
  /** In milliseconds since the epoch by the server's clock. */
  until: number;
}

const last = signal<Refusal | null>(null);
const changes = new Changes();

/** What holds now. */
export const refusal: ReadonlySignal<Refusal | null> = computed(() =>
  last.value && last.value.until > now.value ? last.value : null,
);

/** The time at which a turn is submitted, for `noteOutcome`. */
export function askTurn(): number {
  return changes.ask();
}

/** Notes what came of a turn that was submitted at `asked`; null: the server has accepted it. */
export function noteOutcome(problem: Problem | null, asked: number): void {
  // That is so in one chat only.
  if (problem?.code === "generation_in_progress") return;
  if (problem && problem.retryAt === undefined) return;
  if (!changes.accepts("turn", asked)) return;
  const is = problem && { code: problem.code, until: problem.retryAt ?? 0 };
  if (is === last.peek()) return;
  last.value = is;
  tellTabs({ kind: "refusal", refusal: is });
}

onNews((news) => {
  if (news.kind !== "refusal") return;
  changes.touch("turn");
  last.value = news.refusal;
});
