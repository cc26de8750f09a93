/** What an operator is told about a problem: the server's own words, and what finds its line in the log. */
import { Problem } from "../../api/problem.ts";
import { words } from "./strings.ts";

export function explain(thrown: unknown): string {
  const { message, code, requestId } = Problem.from(thrown);
  return `${message === code ? "" : message} ${words.reference(code, requestId)}`.trim();
}

/** Whether the API says that this page is not for who asks. */
export function isForbidden(thrown: unknown): boolean {
  const { isOurs, status = 0 } = Problem.from(thrown);
  return isOurs && [401, 403, 404].includes(status);
}
