/** The one dialog about accounts: coming in, what is to be kept or decided then, and one's account. */
import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { claimsOf } from "../../../api/claims.ts";
import { hasToken, keepToken, keptToken } from "../../../api/token.ts";
import { has } from "../../../state/config.ts";
import { store } from "../../../state/storage.ts";
import type { Return } from "../entry/trip.ts";
import type { Wording } from "../wording.ts";
import { Close } from "../../copied/Close.tsx";
import { BringAlong } from "./BringAlong.tsx";
import { endDevice } from "./calls.ts";
import { DataSection } from "./DataSection.tsx";
import { Deletion } from "./Deletion.tsx";
import { EnterForm } from "./EnterForm.tsx";
import type { Entered, Way } from "./entering.ts";
import { Home } from "./Home.tsx";
import { LinkView } from "./LinkView.tsx";
import { MailForm } from "./MailForm.tsx";
import { NewPassword } from "./NewPassword.tsx";
import { Spare } from "./passkeys/Spare.tsx";
import { Returning } from "./providers/Returning.tsx";
import { RecoveryCode } from "./RecoveryCode.tsx";
import { words } from "./strings.ts";
import type { Ways } from "./ways.ts";
import "../../copied/frame.css";
import "./account.css";

export type View =
  Way | "mail" | "forgot" | "link" | "return" | "code" | "bring" | "home" | "password" | "spare" | "data" | "delete";

interface Props {
  start: View;
  /** What a link from a mail carries, of the view `link`. */
  link: string | null;
  /** What a provider's way back has brought, of the view `return`. */
  back: Return | null;
  isSignedIn: ReadonlySignal<boolean>;
  wording: Wording;
  /** What is done once somebody has come in; null: nobody does, a guest looks after what is theirs. */
  on: {
    becomeSame: () => void;
    becomeOther: () => void;
    say: (what: "in") => void;
  } | null;
  onClose: () => void;
}

export function AccountDialog({ start, link, back: returned, isSignedIn, wording, on, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const view = useSignal(start);
  const email = useSignal("");
  /** Who has come in, while there is something to keep or to decide. */
  const entered = useSignal<Entered | null>(null);
  /** Where one goes then, if the dialog is not done with. */
  const next = useSignal<View | null>(null);
  const ways = useSignal<Ways>({ login: null, passkeys: 0 });
  const isCodeComing = useSignal(false);
  const isOther = useRef(false);
  const shown = view.value;
  /** A recovery code is shown, or on its way. */
  const mustStay = isCodeComing.value || (shown === "code" && entered.value !== null);

  useLayoutEffect(() => dialog.current?.showModal(), []);
  // Before the browser paints: the next key stroke is meant for what is shown.
  useLayoutEffect(() => focusOn(dialog.current), [shown]);

  const settle = (token: string) => {
    keepToken(token);
    if (!isOther.current) on?.becomeSame();
  };
  const enter = (one: Entered, then: View | null = null) => {
    entered.value = one;
    next.value = then;
    if (one.guest === null) settle(one.token);
    if (one.code !== null) view.value = "code";
    else goOn(one);
  };
  /** Another account may be in here: the page then begins anew. */
  const enterByLink = (one: Entered) => {
    isOther.current = isSignedIn.value;
    enter(one);
  };
  /** Who was in already has signed in once more, and the device of before is this one; another account begins the page anew. */
  const enterByProvider = (one: Entered) => {
    const before = claimsOf(keptToken());
    const isAgain = before.sid !== undefined && before.sub === claimsOf(one.token).sub;
    isOther.current = before.sid !== undefined && !isAgain;
    enter(one, isAgain ? "home" : null);
    if (isAgain && before.sid) void endDevice(before.sid).catch(() => undefined);
  };
  const goOn = ({ guest }: Entered) => {
    if (guest !== null) view.value = "bring";
    else if (next.value === null) finish();
    else {
      entered.value = null;
      view.value = next.value;
    }
  };
  const finish = () => {
    entered.value = null;
    if (isOther.current) {
      store("farewell", "in", "tab");
      on?.becomeOther();
      return;
    }
    dialog.current?.close();
    on?.say("in");
  };
  /** The guest waits here until the account has been left. */
  const leaveGuest = ({ token, guest }: Entered) => {
    store("guest", guest);
    keepToken(token);
    store("farewell", "in", "tab");
    on?.becomeOther();
  };
  const onClosed = () => {
    const one = entered.value;
    // A browser may close it all the same: a code that was not kept is shown again.
    if (mustStay) dialog.current?.showModal();
    else if (one?.guest) leaveGuest(one);
    else onClose();
  };
  const go = (to: View) => () => (view.value = to);
  const one = entered.value;
  const back = shown === start && on === null ? null : backFrom(shown, isSignedIn.value);

  return (
    <dialog
      class="frame account"
      ref={dialog}
      aria-labelledby="account-title"
      onCancel={(event) => mustStay && event.preventDefault()}
      onClose={onClosed}
    >
      <header>
        {back && (
          <button class="quiet" aria-label={words.back} title={words.back} onClick={go(back)}>
            <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
              <path d="M12 5l-5 5 5 5" />
            </svg>
          </button>
        )}
        <h2 id="account-title" tabIndex={-1}>
          {words.titles[shown]}
        </h2>
        {!mustStay && <Close dialog={dialog} name={words.close} />}
      </header>
      {(shown === "signIn" || shown === "signUp" || shown === "reset") && (
        <>
          <EnterForm
            way={shown}
            email={email.value}
            onEmail={(text) => (email.value = text)}
            wording={wording}
            onCode={(isComing) => (isCodeComing.value = isComing)}
            onEntered={(come, isOnlyWay) => {
              if (isOnlyWay) ways.value = { login: null, passkeys: 1 };
              enter(come, isOnlyWay ? "spare" : null);
            }}
          />
          {!isSignedIn.value && <OtherWays shown={shown} go={go} />}
        </>
      )}
      {shown === "return" && returned && (
        <Returning back={returned} wording={wording} onEntered={enterByProvider} onAdded={go("home")} />
      )}
      {(shown === "mail" || shown === "forgot") && (
        <>
          <MailForm way={shown} email={email.value} onEmail={(text) => (email.value = text)} wording={wording} />
          {shown === "forgot" && <button onClick={go("reset")}>{words.byCode}</button>}
        </>
      )}
      {shown === "link" && link !== null && (
        <LinkView
          token={link}
          isSignedIn={isSignedIn.value}
          wording={wording}
          onCode={(isComing) => (isCodeComing.value = isComing)}
          onEntered={enterByLink}
        />
      )}
      {shown === "code" && one?.code && <RecoveryCode code={one.code} onKept={() => goOn(one)} />}
      {shown === "bring" && one?.guest && (
        <BringAlong
          guest={one.guest}
          wording={wording}
          onBrought={(token) => {
            settle(token);
            finish();
          }}
          onLeft={() => leaveGuest(one)}
        />
      )}
      {shown === "home" && (
        <Home
          wording={wording}
          ways={ways.value}
          onWays={(known) => (ways.value = known)}
          onPassword={go("password")}
          onRemove={go("delete")}
        />
      )}
      {shown === "password" && (
        <NewPassword
          ways={ways.value}
          wording={wording}
          onCode={(isComing) => (isCodeComing.value = isComing)}
          onSet={(come) => enter(come, "home")}
          onReset={() => {
            email.value = ways.value.login ?? "";
            view.value = "reset";
          }}
        />
      )}
      {shown === "spare" && <Spare wording={wording} onAdded={finish} onPassword={go("password")} onLater={finish} />}
      {shown === "data" && <DataSection wording={wording} onRemove={go("delete")} />}
      {shown === "delete" && <Deletion ways={isSignedIn.value ? ways.value : null} wording={wording} />}
    </dialog>
  );
}

/** What else one may have come for. */
function OtherWays({ shown, go }: { shown: Way; go: (next: View) => () => void }) {
  return (
    <nav class="account-others" aria-label={words.otherWays}>
      {shown === "signIn" ? (
        <button key="up" onClick={go("signUp")}>
          {words.toSignUp}
        </button>
      ) : (
        <button key="in" onClick={go("signIn")}>
          {words.toSignIn}
        </button>
      )}
      {shown === "signIn" && has("mail") && <button onClick={go("mail")}>{words.toMail}</button>}
      {shown === "signIn" && <button onClick={go(has("mail") ? "forgot" : "reset")}>{words.toReset}</button>}
      {shown !== "reset" && hasToken() && <button onClick={go("data")}>{words.toData}</button>}
    </nav>
  );
}

function backFrom(shown: View, isSignedIn: boolean): View | null {
  if (shown === "delete") return isSignedIn ? "home" : "data";
  if (shown === "password") return "home";
  if (shown === "reset" && isSignedIn) return "password";
  return shown === "data" || shown === "mail" || shown === "forgot" ? "signIn" : null;
}

/** The first field, where that opens no keyboard over the dialog; else its title. */
function focusOn(dialog: HTMLDialogElement | null): void {
  const field = matchMedia("(hover: hover)").matches
    ? dialog?.querySelector<HTMLElement>("form input:not([readonly])")
    : null;
  (field ?? dialog?.querySelector<HTMLElement>("h2"))?.focus();
}
