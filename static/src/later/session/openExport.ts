/** Opens the dialog in which a chat is taken out of the page. It is loaded when it is asked for. */
import { h, render } from "preact";
import type { Session } from "../../api/types.ts";
import { lazily } from "../../browser/lazily.ts";
import type { Page } from "./page.ts";
import { words } from "./strings.ts";

/** Beside the page, not in it: the row that it is opened from may go. */
const host = document.createElement("div");

/** `onOpen` is called when the chat is about to be on screen. */
export function openExport(page: Page, session: Session, onOpen: () => void): void {
  document.body.append(host);
  lazily(() => import("../export/ExportDialog.tsx")).then(
    ({ ExportDialog }) => render(h(ExportDialog, { page, session, onOpen, onClose: () => render(null, host) }), host),
    page.notifyProblem(words.notLoaded),
  );
}
