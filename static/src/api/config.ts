/** What the server lets everybody know of its configuration. */
import { Problem } from "./problem.ts";
import { reach } from "./reachability.ts";
import type { ServerConfig } from "./types.ts";

/** Needs no token. A server that is older than this page says less. */
export async function readConfig(): Promise<Partial<ServerConfig>> {
  const response = await reach("/config", {});
  if (!response.ok) throw await Problem.fromResponse(response);
  return (await response.json()) as Partial<ServerConfig>;
}
