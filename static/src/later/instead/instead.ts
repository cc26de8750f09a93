/** What stands in place of the chats: a branch behind a link, or the operator's page, which is loaded for admins alone. */
import { lazily } from "../../browser/lazily.ts";
import { show as showShared } from "../shared/shared.ts";

/** `shared`: what the server has written of a branch; null: this is the operator's address. */
export async function show(shared: HTMLElement | null): Promise<void> {
  if (shared) return showShared(shared);
  const root = document.getElementById("page");
  if (root) (await lazily(() => import("../admin/AdminPage.tsx"))).show(root);
}
