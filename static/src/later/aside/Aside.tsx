/** What the sidebar has below the chats: the way to another device, where there are accounts the way to one's own, and the settings. */
import { effect, signal } from "@preact/signals";
import { render } from "preact";
import { claimsOf } from "../../api/claims.ts";
import { keptToken } from "../../api/token.ts";
import { Problem } from "../../api/problem.ts";
import { lazily } from "../../browser/lazily.ts";
import { answerer, asked, has, hasAccounts } from "../../state/config.ts";
import { notify } from "../../state/notices.ts";
import { allowances } from "../../state/quota.ts";
import { addressOf, frame } from "../../state/route.ts";
import { sessions } from "../../state/sessions.ts";
import { load, store } from "../../state/storage.ts";
import { onNews } from "../../state/tabs.ts";
import type { Entry } from "../account/entry/Entry.tsx";
import type { Wording } from "../account/wording.ts";
import { type Settings, SettingsEntry } from "./SettingsEntry.tsx";
import { takeUp } from "./fragment.ts";
import { lastTimes, watchTimes } from "./times.ts";
import { isolated } from "../../text/isolated.ts";
import { links } from "../../text/links.ts";
import { words } from "./strings.ts";
import "./about.css";

export { SearchEntry } from "../search/entry/SearchEntry.tsx";

/** Beside the page, not in it: the sidebar that it is opened from may be a drawer that closes. */
const host = document.createElement("div");
const account = signal<typeof Entry | null>(null);
let isAwake = false;

export function Aside({ wording, settings }: { wording: Wording; settings: Settings }) {
  wake(wording);
  const Account = account.value;
  // An account is on the other device by signing in there.
  const isGuest = !claimsOf(keptToken()).sid;
  const hasSomething = sessions.value.length > 0 || load("own") !== null;
  return (
    <>
      {isGuest && hasSomething && (
        <button class="account-entry" aria-haspopup="dialog" onClick={() => openHandover(wording, null)}>
          <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
            <path d="M4 4h5v5H4zM11 4h5v5h-5zM4 11h5v5H4zM11.5 11.5h2v2M16 11.5v4.5h-4" />
          </svg>
          {words.take}
        </button>
      )}
      {hasAccounts.value && Account && <Account wording={wording} takeUp={takeUp} />}
      <details class="about">
        <summary>{words.about}</summary>
        <p class="hint">
          {words.aboutNote} {answerer.value && words.answeredBy(isolated(answerer.value))}
        </p>
        {lastTimes.value && <p class="hint">{words.lastAnswer(isolated(lastTimes.value))}</p>}
        {links.map(({ label, address }) => (
          <a key={address} href={address} target="_blank">
            {label}
          </a>
        ))}
      </details>
      <SettingsEntry wording={wording} settings={settings} />
    </>
  );
}

/** What is done once, however often it is drawn. */
function wake(wording: Wording): void {
  if (isAwake) return;
  isAwake = true;
  document.body.append(host);
  watchTimes();
  lazily(() => import("../listed/listed.ts")).catch(() => undefined);
  lazily(() => import("../temporary/temporary.tsx")).then(
    ({ begin }) => begin(),
    () => undefined,
  );
  const moved = load("moved", "tab");
  store("moved", null, "tab");
  if (moved !== null && moved in words.moved)
    notify({ kind: "done", text: words.moved[moved as keyof typeof words.moved] });
  effect(() => {
    const model = allowances.value?.model;
    // Where visitors choose, the picker says whom they have chosen.
    if (model && !has("model_choice")) asked.value = model;
  });
  effect(() => {
    const code = takeUp("take");
    if (code !== null) openHandover(wording, code);
  });
  effect(() => {
    const token = takeUp("go-on");
    if (token !== null) openGoOn(wording, token);
  });
  // Where there are accounts, their part does it, which has more to do.
  onNews((news) => {
    if (news.kind === "person" && news.isOther && !hasAccounts.peek()) location.replace(addressOf(null));
  });
  effect(() => {
    // In the frame of another site a device's cookie does not travel, and nobody should type a password there.
    if (frame || !hasAccounts.value || account.peek()) return;
    lazily(() => import("../account/entry/Entry.tsx")).then(
      (module) => (account.value = module.Entry),
      () => undefined,
    );
  });
}

/** `token`: what stands in the address of a link to a chat. */
function openGoOn(wording: Wording, token: string): void {
  lazily(() => import("../goOn/GoOnDialog.tsx")).then(
    ({ GoOnDialog }) => render(<GoOnDialog token={token} wording={wording} onClose={() => render(null, host)} />, host),
    (thrown: unknown) =>
      notify({ kind: "problem", text: `${words.notLoaded} ${wording.explain(Problem.from(thrown))}` }),
  );
}

/** `code`: what another device has shown; null: this one shows one. */
function openHandover(wording: Wording, code: string | null): void {
  lazily(() => import("../take/Handover.tsx")).then(
    ({ Handover }) => render(<Handover code={code} wording={wording} onClose={() => render(null, host)} />, host),
    (thrown: unknown) =>
      notify({ kind: "problem", text: `${words.notLoaded} ${wording.explain(Problem.from(thrown))}` }),
  );
}
