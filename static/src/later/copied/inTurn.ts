/** Waits for one's turn where the server limits by the minute. */
import { Problem } from "../../api/problem.ts";
import { serverNow } from "../../api/serverClock.ts";
import { pause } from "../../browser/pause.ts";

/** How long one call may have to wait for its turn, in milliseconds. The day's limit is another matter. */
const LONGEST_WAIT = 90_000;

/** Asks again when the minute's limit says so; `halt` ends the waiting with its reason. */
export async function inTurn<T>(ask: () => Promise<T>, halt: AbortSignal): Promise<T> {
  for (const latest = serverNow() + LONGEST_WAIT; ;) {
    try {
      return await ask();
    } catch (thrown) {
      const { code, retryAt } = Problem.from(thrown);
      if (code !== "rate_limited" || retryAt === undefined || retryAt > latest) throw thrown;
      await pause(retryAt - serverNow(), halt);
    }
  }
}
