/** Calls to the API, and whether it could be reached when it was last tried. Any answer counts, also a refusal. */
import { signal } from "@preact/signals";
import { Problem } from "./problem.ts";
import { learnClock } from "./serverClock.ts";

export const isReachable = signal(true);
/** Whether the API is switched off: these addresses exist wherever it is on, for everybody. */
export const isOff = signal(false);
const ALWAYS_THERE = /^\/(config|auth\/guest|chat\/(quota|messages|sessions(\/[^/?]+(\/messages)?)?))(\?.*)?$/;

/** `fetch` of a path below `/api/v1`. */
export async function reach(path: string, init: RequestInit): Promise<Response> {
  const asked = Date.now();
  try {
    const response = await fetch(`/api/v1${path}`, init);
    learnClock(response.headers, asked);
    isReachable.value = true;
    if (ALWAYS_THERE.test(path)) isOff.value = response.status === 404 && (await saysOff(response.clone()));
    return response;
  } catch (thrown) {
    if (!init.signal?.aborted) isReachable.value = false;
    throw thrown;
  }
}

/** Whether our API itself says that there is nothing. What a proxy or the network's sign-in page says is nothing about it. */
async function saysOff(response: Response): Promise<boolean> {
  const { isOurs, code } = await Problem.fromResponse(response);
  return isOurs && code === "not_found";
}

/** Whether the API answers now. Takes no token and writes nothing. */
export async function probe(): Promise<boolean> {
  await reach("/health", { cache: "no-store" }).catch(() => undefined);
  return isReachable.value;
}
