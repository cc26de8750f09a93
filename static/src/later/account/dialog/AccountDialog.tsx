/** The one dialog about accounts: coming in, what is to be kept or decided then, and one's account. */
import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { hasToken, keepToken } from "../../../api/token.ts";
import { store } from "../../../state/storage.ts";
import type { Return } from "../entry/trip.ts";
import type { Wording } from "../wording.ts";
import { BringAlong } from "./BringAlong.tsx";
import { DataSection } from "./DataSection.tsx";
import { Deletion } from "./Deletion.tsx";
import { EnterForm } from "./EnterForm.tsx";
import type { Entered, Way } from "./entering.ts";
import { Home } from "./Home.tsx";
import { Returning } from "./providers/Returning.tsx";
import { RecoveryCode } from "./RecoveryCode.tsx";
import { words } from "./strings.ts";
import "./account.css";

export type View = Way | "return" | "code" | "bring" | "home" | "data" | "delete";

interface Props {
  start: View;
  /** With `return`: what a provider's way back has brought. */
  back: Return | null;
  isSignedIn: ReadonlySignal<boolean>;
  wording: Wording;
  on: {
    becomeSame: () => void;
    becomeOther: () => void;
    say: (what: "in") => void;
  };
  onClose: () => void;
}

export function AccountDialog({ start, back: returned, isSignedIn, wording, on, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const view = useSignal(start);
  const email = useSignal("");
  /** Who has come in, while there is something to keep or to decide. */
  const entered = useSignal<Entered | null>(null);
  const isCodeComing = useSignal(false);
  const shown = view.value;
  /** A recovery code is shown, or on its way. */
  const mustStay = isCodeComing.value || (shown === "code" && entered.value !== null);

  useLayoutEffect(() => dialog.current?.showModal(), []);
  useEffect(() => focusOn(dialog.current), [shown]);

  const settle = (token: string) => {
    keepToken(token);
    on.becomeSame();
  };
  const enter = (one: Entered) => {
    entered.value = one;
    if (one.guest === null) settle(one.token);
    if (one.code !== null) view.value = "code";
    else goOn(one);
  };
  const goOn = ({ guest }: Entered) => {
    if (guest !== null) view.value = "bring";
    else finish();
  };
  const finish = () => {
    entered.value = null;
    dialog.current?.close();
    on.say("in");
  };
  /** The guest waits here until the account has been left. */
  const leaveGuest = ({ token, guest }: Entered) => {
    store("guest", guest);
    keepToken(token);
    store("farewell", "in", "tab");
    on.becomeOther();
  };
  const onClosed = () => {
    const one = entered.value;
    // A browser may close it all the same: a code that was not kept is shown again.
    if (mustStay) dialog.current?.showModal();
    else if (one?.guest) leaveGuest(one);
    else onClose();
  };
  const go = (next: View) => () => (view.value = next);
  const one = entered.value;
  const back = backFrom(shown, isSignedIn.value);

  return (
    <dialog
      class="account"
      ref={dialog}
      aria-labelledby="account-title"
      onCancel={(event) => mustStay && event.preventDefault()}
      onClose={onClosed}
    >
      <header>
        {back && (
          <button class="quiet" aria-label={words.back} title={words.back} onClick={go(back)}>
            <Stroke d="M12 5l-5 5 5 5" />
          </button>
        )}
        <h2 id="account-title" tabIndex={-1}>
          {words.titles[shown]}
        </h2>
        {!mustStay && (
          <button class="quiet" aria-label={words.close} title={words.close} onClick={() => dialog.current?.close()}>
            <Stroke d="M5 5l10 10M15 5L5 15" />
          </button>
        )}
      </header>
      {(shown === "signIn" || shown === "signUp" || shown === "reset") && (
        <>
          <EnterForm
            way={shown}
            email={email.value}
            onEmail={(text) => (email.value = text)}
            wording={wording}
            onCode={(isComing) => (isCodeComing.value = isComing)}
            onEntered={enter}
          />
          {!isSignedIn.value && <OtherWays shown={shown} go={go} />}
        </>
      )}
      {shown === "return" && returned && (
        <Returning back={returned} wording={wording} onEntered={enter} onAdded={go("home")} />
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
          onLogin={(login) => (email.value = login)}
          onReset={go("reset")}
          onRemove={go("delete")}
        />
      )}
      {shown === "data" && <DataSection wording={wording} onRemove={go("delete")} />}
      {shown === "delete" && <Deletion login={isSignedIn.value ? email.value : null} wording={wording} />}
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
      {shown === "signIn" && <button onClick={go("reset")}>{words.toReset}</button>}
      {shown !== "reset" && hasToken() && <button onClick={go("data")}>{words.toData}</button>}
    </nav>
  );
}

function backFrom(shown: View, isSignedIn: boolean): View | null {
  if (shown === "delete") return isSignedIn ? "home" : "data";
  if (shown === "reset" && isSignedIn) return "home";
  return shown === "data" ? "signIn" : null;
}

/** The first field, where that opens no keyboard over the dialog; else its title. */
function focusOn(dialog: HTMLDialogElement | null): void {
  const field = matchMedia("(hover: hover)").matches
    ? dialog?.querySelector<HTMLElement>("form input:not([readonly])")
    : null;
  (field ?? dialog?.querySelector<HTMLElement>("h2"))?.focus();
}

function Stroke({ d }: { d: string }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={d} />
    </svg>
  );
}
