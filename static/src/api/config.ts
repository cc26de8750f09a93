/** What the server lets everybody know of its configuration. */
import { Problem } from "./problem.ts";
import { reach } from "./reachability.ts";
import type { ServerConfig } from "./types.ts";

/** Needs no token. */
export async function readLimits(): Promise<ServerConfig["limits"]> {
  const response = await reach("/config", {});
  if (!response.ok) throw await Problem.fromResponse(response);
  return ((await response.json()) as ServerConfig).limits;
}
