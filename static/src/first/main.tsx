/** The page's entry: shows it, and asks for what a returning visitor expects to see. */
import { render } from "preact";
import { claimsOf } from "../api/claims.ts";
import { hasToken, keptToken } from "../api/token.ts";
import { lazily, onLoss } from "../browser/lazily.ts";
import { openSessionId } from "../state/route.ts";
import { onReturn } from "../state/connection.ts";
import { refreshCurrent, sendLost } from "../state/conversations.ts";
import { refreshConfig } from "../state/config.ts";
import { notify } from "../state/notices.ts";
import { refreshQuota } from "../state/quota.ts";
import { readFirstPage } from "../state/sessions.ts";
import { isKept } from "../state/storage.ts";
import { whenIdle } from "../browser/whenIdle.ts";
import { App } from "./App.tsx";
import "./notices/announceQuota.ts";
import { isSaid } from "./notices/isSaid.ts";
import { keepFocus } from "./keepFocus.ts";
import { loadMarkdown, loadMarkdownAgain } from "./thread/loadMarkdown.ts";
import { speak } from "../words/speak.ts";
import { takeOver } from "./composer/shell.ts";
import "./shortcuts.ts";
import { strings } from "./strings.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/sidebar.css";
import "./styles/messages.css";
import "./styles/composer.css";
import "./styles/notices.css";
import "./styles/forced.css";
import "./styles/touch.css";
import "../browser/doubleClicks.ts";
import "../browser/offline.ts";
import "../browser/viewport.ts";

const shared = document.getElementById("shared");
// The page behind a link to a chat is no visitor's own, and that of operators is no chat.
if (shared || (openSessionId.value === "admin" && claimsOf(keptToken()).role === "admin"))
  void lazily(() => import("../later/instead/instead.ts"))
    .then(({ show }) => show(shared))
    .catch(console.warn);
else speak(begin);

function begin(): void {
  const root = document.getElementById("page");
  if (root) {
    takeOver(root, () => render(<App />, root));
    keepFocus(root);
  }

  const tellLoss = () => {
    const reload = { label: strings.reload, run: () => location.reload() };
    notify({ kind: "problem", text: strings.outdated, action: reload });
  };
  onLoss(tellLoss);
  // `public/theme.js` says so.
  addEventListener("unstyled", tellLoss);
  // Messages are about to arrive: their renderer may as well come along at the same time.
  if (openSessionId.value !== null) void loadMarkdown();
  const tellUnkept = () => notify({ kind: "problem", text: strings.unkept });
  // A storage that is full, or was closed meanwhile, does not take the guest's token.
  if (isKept()) addEventListener("unkept", tellUnkept, { once: true });
  else tellUnkept();
  lazily(() => import("../later/textOnly/textOnly.ts")).catch(() => undefined);
  whenIdle(() => void lazily(() => import("../later/unsent/room.ts")).catch(() => undefined));
  catchUp();
  onReturn(
    () => {
      catchUp();
      void sendLost();
      loadMarkdownAgain();
    },
    () => isSaid("offline"),
  );
  // A phone that was put away may have missed an answer, or the rest of one.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void refreshCurrent();
  });
}

/** Reads what the page shows besides the messages. */
function catchUp(): void {
  // Whether there is anybody to ask is told without a token, too.
  whenIdle(() => void refreshConfig());
  // A first visitor has nothing to list, and no token is asked for before it is needed.
  if (!hasToken()) return;
  readFirstPage().catch(() => undefined);
  void refreshQuota();
}
