/** A problem in words, with the time until another try makes sense if that is known. */
import type { Problem } from "../../api/problem.ts";
import { now } from "../../state/clock.ts";
import { strings } from "../strings.ts";
import { duration, explain } from "../wording.ts";

export function Trouble({ problem }: { problem: Problem }) {
  if (problem.retryAt === undefined) return <>{explain(problem)}</>;
  const left = timeLeft(problem);
  return (
    <>
      {explain(problem)} {/* Each second is no news. */}
      <span aria-live="off">{left > 0 ? strings.tryIn(duration(left)) : strings.tryNow}</span>
    </>
  );
}

/** Milliseconds until a problem may have passed. Looks at the clock only while there is something to wait for. */
export function timeLeft({ retryAt = 0 }: { retryAt?: number | undefined }): number {
  return retryAt > now.peek() ? Math.max(0, retryAt - now.value) : 0;
}
