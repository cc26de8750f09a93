/** Calls to the API, and whether it could be reached when it was last tried. Any answer counts, also a refusal. */
import { signal } from "@preact/signals";

export const isReachable = signal(true);

/** `fetch` of a path below `/api/v1`. */
export async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    const response = await fetch(`/api/v1${path}`, init);
    isReachable.value = true;
    return response;
  } catch (thrown) {
    if (!init.signal?.aborted) isReachable.value = false;
    throw thrown;
  }
}

/** Whether the API answers now. Takes no token and writes nothing. */
export async function probe(): Promise<boolean> {
  await reach("/health", { cache: "no-store" }).catch(() => undefined);
  return isReachable.value;
}
