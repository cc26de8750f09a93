/** Calls about what goes with each message. */
import { request } from "../../api/request.ts";
import type { UserContext } from "../../api/types.ts";

/** What is kept, and the tag of its version. */
export interface Kept {
  context: UserContext;
  tag: string;
}

const PATH = "/chat/context";

export async function readContext(): Promise<Kept> {
  return keptIn(await request(PATH));
}

/** Takes the place of the version with this tag; null: of whichever there is. */
export async function writeContext(context: UserContext, tag: string | null): Promise<Kept> {
  const headers: Record<string, string> = tag === null ? {} : { "If-Match": tag };
  return keptIn(await request(PATH, { method: "PUT", body: context, headers }));
}

async function keptIn(response: Response): Promise<Kept> {
  return { context: (await response.json()) as UserContext, tag: response.headers.get("ETag") ?? "" };
}
