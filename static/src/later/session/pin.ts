/** Pins a session, or lets it go. Its row moves in the list, and takes the focus along. */
import type { Session } from "../../api/types.ts";
import { strings } from "../../first/strings.ts";
import { announce } from "../../state/announcer.ts";
import { addressOf } from "../../state/route.ts";
import { setPinned } from "./change.ts";
import type { Page } from "./page.ts";
import { words } from "./strings.ts";

/** `isByKey`: who acts by keyboard follows the row to where it goes; who points stays where the list is. */
export function pin(page: Page, session: Session, isByKey: boolean): void {
  const isPinned = !session.pinned;
  const title = session.title ?? strings.untitled;
  const button = () => document.querySelector<HTMLElement>(`[href="${addressOf(session.id)}"] + button`);
  const follow = () => requestAnimationFrame(() => button()?.focus({ preventScroll: !isByKey }));
  const refused = page.notifyProblem(words.notPinned(title, isPinned));
  setPinned(session, isPinned).then(
    () => announce("notice", words.pinned(title, isPinned)),
    (thrown: unknown) => {
      // The row has gone back, without the focus.
      if (document.activeElement === document.body) follow();
      refused(thrown);
    },
  );
  follow();
}
