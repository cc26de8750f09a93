/** Opens the dialog in which links to a chat are made. It is loaded when it is asked for. */
import { h, render } from "preact";
import type { Session } from "../../api/types.ts";
import { lazily } from "../../browser/lazily.ts";
import type { Page } from "./page.ts";
import { words } from "./strings.ts";

/** Beside the page, not in it: the row that it is opened from may go. */
const host = document.createElement("div");

export function openShare(page: Page, session: Session): void {
  document.body.append(host);
  lazily(() => import("../share/ShareDialog.tsx")).then(
    ({ ShareDialog }) => render(h(ShareDialog, { page, session, onClose: () => render(null, host) }), host),
    page.notifyProblem(words.shareNotLoaded),
  );
}
