/** Calls about links to chats. */
import { requestJson } from "../../api/request.ts";
import type { Share } from "../../api/types.ts";

const of = (session: string) => `/chat/sessions/${encodeURIComponent(session)}/shares`;
const one = ({ session_id, id }: Share) => `${of(session_id)}/${encodeURIComponent(id)}`;

/** All of one's own links, the newest first. */
export async function listShares(): Promise<Share[]> {
  return (await requestJson<{ shares: Share[] }>("/chat/shares")).shares;
}

/** A link to the branch that ends with the message `leaf`. `seconds`: until it ends; null: never by itself. */
export function makeShare(session: string, leaf: string, seconds: number | null): Promise<Share> {
  const body = seconds === null ? { leaf_id: leaf } : { leaf_id: leaf, expires_in: seconds };
  return requestJson(of(session), { method: "POST", body });
}

/** The link shows the branch that ends with the message `leaf` from now on. */
export function moveShare(share: Share, leaf: string): Promise<Share> {
  return requestJson(one(share), { method: "PATCH", body: { revision: share.revision, leaf_id: leaf } });
}

export function revokeShare(share: Share): Promise<unknown> {
  return requestJson(one(share), { method: "DELETE" });
}
