/** The call that searches. */
import { requestJson } from "../../../api/request.ts";
import type { SearchResult } from "../../../api/types.ts";

/** The page of what contains `q` that begins at `cursor`; null: the newest. */
export function searchPage(q: string, cursor: string | null, signal: AbortSignal): Promise<SearchResult> {
  const body = cursor === null ? { q } : { q, cursor };
  return requestJson("/chat/search", { method: "POST", body, signal });
}
