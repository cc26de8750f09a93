/** Whether the conversation on screen shows a problem of that kind: it is read out by itself, and nothing else needs to say it. */
import type { ProblemCode } from "../../api/problem.ts";
import { current } from "../../state/conversations.ts";

/** Reads without subscribing. */
export function isSaid(code: ProblemCode): boolean {
  const { problem, messages } = current.peek();
  return [problem, ...messages.peek().map((message) => message.problem)].some((each) => each.peek()?.code === code);
}
