/** The way to the account, in the sidebar. The dialog behind it is loaded when somebody opens it. */
import { effect, untracked } from "@preact/signals";
import { render } from "preact";
import { Problem } from "../../../api/problem.ts";
import { lazily } from "../../../browser/lazily.ts";
import { notify } from "../../../state/notices.ts";
import { open as openSession } from "../../../state/route.ts";
import { load, store } from "../../../state/storage.ts";
import { isSignedIn } from "../../../state/visitor.ts";
import type { View } from "../dialog/AccountDialog.tsx";
import type { Wording } from "../wording.ts";
import type { RoleEvent } from "../device.ts";
import "./fresh.ts";
import { watchAnswers } from "./offer.ts";
import { becomeOther, becomeSame } from "./person.ts";
import { type Return, takeReturn } from "./trip.ts";
import { accountWords } from "../../../text/words.ts";
import { words } from "./strings.ts";

/** Beside the page, not in it: the sidebar that it is opened from may be a drawer that closes. */
const host = document.createElement("div");
let isAwake = false;

interface Props {
  wording: Wording;
  /** What a link of this name has handed to the page, once. */
  takeUp: (name: string) => string | null;
}

export function Entry({ wording, takeUp }: Props) {
  const open = (view: View, { link = null, back = null }: { link?: string | null; back?: Return | null } = {}) => {
    lazily(async () => {
      await accountWords().catch(console.warn);
      return import("../dialog/AccountDialog.tsx");
    }).then(
      ({ AccountDialog }) => {
        const onClose = () => render(null, host);
        const on = { becomeSame, becomeOther, say };
        render(
          <AccountDialog
            key={link}
            start={view}
            link={link}
            back={back}
            isSignedIn={isSignedIn}
            wording={wording}
            on={on}
            onClose={onClose}
          />,
          host,
        );
      },
      (thrown: unknown) =>
        notify({ kind: "problem", text: `${words.notLoaded} ${wording.explain(Problem.from(thrown))}` }),
    );
  };
  wake(
    () => open(isSignedIn.peek() ? "home" : "signIn"),
    () => open("signUp"),
    () => {
      const link = takeUp("mail");
      if (link !== null) open("link", { link });
      const back = takeReturn(takeUp);
      if (back === null) return;
      // What is opened has signals of its own, which are not followed here.
      untracked(() => show(back.trip.path));
      open("return", { back });
    },
  );
  const isIn = isSignedIn.value;
  return (
    <button class="account-entry" aria-haspopup="dialog" onClick={() => open(isIn ? "home" : "signIn")}>
      <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
        <path d="M10 10.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4M3.8 16.5c.8-2.6 3.2-3.8 6.2-3.8s5.4 1.2 6.2 3.8" />
      </svg>
      {isIn ? words.account : words.signIn}
    </button>
  );
}

/** What is done once, however often the entry is drawn. */
function wake(enter: () => void, signUp: () => void, followLink: () => void): void {
  if (isAwake) return;
  isAwake = true;
  document.body.append(host);
  // The settings lead there, too.
  addEventListener("account", enter);
  watchAnswers(signUp);
  effect(followLink);
  addEventListener("role", (event) => notify({ kind: "done", text: words.roles[(event as RoleEvent).detail] }));
  addEventListener("person", sayFarewell);
  sayFarewell();
}

/** Goes back to where the visitor was before they left for a provider. */
function show(path: string): void {
  const [, session] = /^\/c\/([\w-]+)$/.exec(path) ?? [];
  if (session !== undefined) openSession(session, "replace");
}

/** Says once what has become of the visitor. */
function say(what: keyof typeof words.farewells): void {
  notify({ kind: what === "ended" || what === "claimed" ? "problem" : "done", text: words.farewells[what] });
}

/** Says what could not be said before the page began anew. */
function sayFarewell(): void {
  const what = load("farewell", "tab");
  store("farewell", null, "tab");
  if (what !== null && what in words.farewells) say(what as keyof typeof words.farewells);
}
