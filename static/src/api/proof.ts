/** Proves to the server what it wants to be proved before it does what it is asked for (`docs/proof-of-work.md`), and asks again. */
import { computed, signal } from "@preact/signals";
import { lazily } from "../browser/lazily.ts";
import type { Challenge } from "./challenge.ts";
import { Problem } from "./problem.ts";

/** More work is done for no server: it would take a phone minutes. */
const MOST_BITS = 24;
/** How many proofs are given for one call. A proof may be refused because it came too late. */
const MOST_PROOFS = 3;
/** A proof that is there so soon is not worth a word, in milliseconds. */
const SHOWN_AFTER = 1000;

const slow = signal(0);
/** Whether something has been being proved for more than a moment. */
export const isProving = computed(() => slow.value > 0);

/**
 * What is answered to `ask`, which is a success, or 304; every other answer is thrown as a problem. `ask` is given the headers that a proof is in.
 * `halt` ends the proving: then it rejects with its reason.
 */
export async function withProof(
  ask: (proof: Record<string, string>) => Promise<Response>,
  halt: AbortSignal = new AbortController().signal,
): Promise<Response> {
  let proof = {};
  for (let proofs = 0; ; proofs += 1) {
    const response = await ask(proof);
    if (response.ok || response.status === 304) return response;
    const problem = await Problem.fromResponse(response);
    if (!problem.challenge || proofs === MOST_PROOFS) throw problem;
    proof = await prove(problem.challenge, halt);
  }
}

async function prove(challenge: Challenge, halt: AbortSignal): Promise<Record<string, string>> {
  halt.throwIfAborted();
  if (challenge.kind === "work" && challenge.bits > MOST_BITS) throw new Problem({ code: "too_much_work" });
  const end = showLater();
  try {
    if (challenge.kind === "turnstile") {
      const { turnstile } = await loaded(() => import("../later/proof/turnstile.ts"));
      return { "X-Turnstile-Token": await turnstile(challenge.siteKey, halt) };
    }
    const { work } = await loaded(() => import("../later/proof/work.ts"));
    const number = await work(challenge.text, challenge.bits, halt);
    return { "X-Proof-Of-Work": `${challenge.text}.${number}` };
  } catch (thrown) {
    // A halt is the caller's own wish and stays what it is.
    throw halt.aborted || thrown instanceof Problem ? thrown : new Problem({ code: "challenge_required" });
  } finally {
    end();
  }
}

/** Counts as slow after a moment, until what it returns is called. */
function showLater(): () => void {
  let end = () => clearTimeout(timer);
  const timer = setTimeout(() => {
    slow.value += 1;
    end = () => (slow.value -= 1);
  }, SHOWN_AFTER);
  return () => end();
}

/** A script that does not come is the network's fault. */
function loaded<T>(load: () => Promise<T>): Promise<T> {
  return lazily(load).catch((thrown: unknown) => {
    throw Problem.from(thrown);
  });
}
