/** Who the visitor is, in this tab and all others: a guest, or somebody with an account. */
import { lazily } from "../../../browser/lazily.ts";
import { current, show } from "../../../state/conversations.ts";
import { refreshQuota } from "../../../state/quota.ts";
import { askTurn, noteOutcome } from "../../../state/refusal.ts";
import { readFirstPage } from "../../../state/sessions.ts";
import { onNews, tellTabs } from "../../../state/tabs.ts";
import { hasAccount, isSignedIn } from "../../../state/visitor.ts";

/** The visitor has signed in here, and what is on screen is still theirs. */
export function becomeSame(): void {
  tellTabs({ kind: "person", isOther: false });
  follow();
  // What was refused to the guest may be allowed to the account.
  noteOutcome(null, askTurn());
}

/** The visitor is somebody else now: the page begins anew, here and in all tabs. */
export function becomeOther(): void {
  tellTabs({ kind: "person", isOther: true });
  beginAnew();
}

/** A step back that is still to come calls a navigation off, as from a dialog that closes in between. It is begun again then. */
function beginAnew(): void {
  const begin = () => location.replace("/");
  addEventListener("popstate", begin);
  begin();
}

/** Reads anew what depends on who the visitor is. Tokens are read with each call, so nothing has to be handed on. */
function follow(): void {
  isSignedIn.value = hasAccount();
  readFirstPage().catch(() => undefined);
  void refreshQuota();
  const { thread } = current.peek();
  if (thread.reading.peek() !== "missing") return;
  thread.reading.value = "unread";
  void show(current.peek());
}

// A token is renewed, and another tab signs in or out, when it pleases: maybe before this was loaded.
if (hasAccount() !== isSignedIn.peek())
  if (hasAccount()) follow();
  else void begin();
addEventListener("person", follow);
onNews((news) => {
  if (news.kind !== "person") return;
  if (news.isOther) void begin();
  else follow();
});

/** Another tab has left: what this one holds goes, too. */
async function begin(): Promise<void> {
  // Of an account, which may be anybody's on a machine that is shared; a guest's words stay for the guest.
  if (isSignedIn.peek())
    await lazily(() => import("../device.ts")).then(
      ({ forgetWords }) => forgetWords(sessionStorage),
      () => undefined,
    );
  beginAnew();
}
