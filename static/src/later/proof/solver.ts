/** The worker that searches, so that the page stays as quick as it is. */
import { solve } from "./solve.ts";

onmessage = ({ data: [challenge, bits] }: MessageEvent<[string, number]>) => postMessage(solve(challenge, bits));
