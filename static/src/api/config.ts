/** What the server lets everybody know of its configuration. */
import { Problem } from "./problem.ts";
import { reach } from "./reachability.ts";

export interface Limits {
  /** How many characters a message may have. */
  message_chars: number;
}

/** Needs no token. */
export async function readLimits(): Promise<Limits> {
  const response = await reach("/config", {});
  if (!response.ok) throw await Problem.fromResponse(response);
  return ((await response.json()) as { limits: Limits }).limits;
}
