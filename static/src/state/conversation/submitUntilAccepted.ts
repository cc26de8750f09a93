/** Submits a turn as many times as it takes, where the server is busy with it already, or has no room for it at this moment. */
import type { Signal } from "@preact/signals";
import { type Accepted, type Submission, type Turn, submit } from "../../api/messages.ts";
import { Problem } from "../../api/problem.ts";
import { serverNow } from "../../api/serverClock.ts";
import { pause } from "../../browser/pause.ts";

/** How many times a turn is sent that the server is still busy with. */
const TRIES = 5;
/** How many times a turn is sent again that the server had no room for. */
const RETRIES = 3;

/**
 * Resolves once the server has accepted the turn. `delay` is why it is sent again in a moment, while that is so; the submission's `halt`
 * ends such a wait: then it rejects with its reason.
 */
export async function submitUntilAccepted(
  sessionId: string | null,
  turn: Turn,
  submission: Submission,
  isRepeated: boolean,
  delay: Signal<Problem | null>,
): Promise<Accepted> {
  let [tries, retries] = [1, 0];
  for (;;) {
    try {
      return await submit(sessionId, turn, submission);
    } catch (thrown) {
      const problem = Problem.from(thrown);
      const { code, retryAt } = problem;
      if (retryAt === undefined || submission.signal.aborted) throw thrown;
      // The first request has not come far enough yet to be joined.
      const isUnderWay = isRepeated && code === "generation_in_progress" && tries++ < TRIES;
      if (isUnderWay) await new Promise((resolve) => setTimeout(resolve, retryAt - serverNow()));
      else if (code === "overloaded" && retries++ < RETRIES) {
        delay.value = problem;
        await pause(retryAt - serverNow(), submission.halt).finally(() => (delay.value = null));
      } else throw thrown;
    }
  }
}
