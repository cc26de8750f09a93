/** Has a worker search for a proof of work. */
import { Problem } from "../../api/problem.ts";
import { notLoaded } from "../../browser/lazily.ts";
import { trustedAddress } from "../../browser/trusted.ts";
import solver from "./solver.ts?worker&url";

const address = trustedAddress("solver", solver);

/** The number that proves the work. `halt` ends the search: then it rejects with its reason. */
export async function work(challenge: string, bits: number, halt: AbortSignal): Promise<number> {
  halt.throwIfAborted();
  const worker = new Worker(address, { type: "module" });
  const ending = new AbortController();
  try {
    return await new Promise((resolve, reject) => {
      halt.addEventListener("abort", () => reject(halt.reason as Error), { signal: ending.signal });
      worker.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
      worker.onerror = () => {
        void notLoaded(solver);
        reject(new Problem({ code: "challenge_required" }));
      };
      worker.postMessage([challenge, bits]);
    });
  } finally {
    worker.terminate();
    ending.abort();
  }
}
