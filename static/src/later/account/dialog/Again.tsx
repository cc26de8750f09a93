/** Signing in once more, before what an open browser that was left alone must not do. The device of before ends: it is this one. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { claimsOf } from "../../../api/claims.ts";
import { keepToken, keptToken } from "../../../api/token.ts";
import type { Wording } from "../wording.ts";
import { endDevice } from "./calls.ts";
import { type Entered, type Stage, comeIn } from "./entering.ts";
import { type By, explainHere } from "./explain.ts";
import { Field, KnownName } from "./Field.tsx";
import { hasAuthenticators } from "./passkeys/authenticator.ts";
import { signIn } from "./passkeys/entering.ts";
import { words as passkeyWords } from "./passkeys/strings.ts";
import { Progress } from "./Progress.tsx";
import { AgainThere } from "./providers/AgainThere.tsx";
import { words } from "./strings.ts";
import { useTask } from "./task.ts";
import type { Ways } from "./ways.ts";

interface Props {
  ways: Ways;
  wording: Wording;
  /** What is done then, where it is more than to go on. */
  danger?: string;
  onDone: (halt: AbortSignal) => Promise<void> | void;
  onCancel?: () => void;
}

export function Again({ ways, wording, danger, onDone, onCancel }: Props) {
  const { login } = ways;
  const typed = useSignal("");
  const wrong = useSignal<string | undefined>(undefined);
  const stage = useSignal<Stage>("asking");
  const by = useSignal<By>("password");
  const place = useRef<HTMLDivElement>(null);
  const { isBusy, problem, run } = useTask();
  const hasPasskey = ways.passkeys > 0 && hasAuthenticators();
  const isFresh = danger !== undefined && problem.value?.code !== "reauthentication_required";
  // Where it comes up by itself it is what to look at; where the dialog begins with it, the dialog says where.
  useLayoutEffect(() => {
    if (danger === undefined) place.current?.querySelector<HTMLElement>("input:not([readonly]), button")?.focus();
  }, []);

  const enterBy = (way: By, enter: (halt: AbortSignal) => Promise<Entered>) =>
    run(async (halt) => {
      by.value = way;
      const before = claimsOf(keptToken()).sid;
      keepToken((await enter(halt)).token);
      if (before && danger === undefined) await endDevice(before).catch(() => undefined);
      await onDone(halt);
    });
  const submit = (event: Event) => {
    event.preventDefault();
    wrong.value = typed.value === "" ? words.noPassword : undefined;
    if (wrong.value || login === null) return;
    const credentials = { email: login, password: typed.value, code: "" };
    enterBy("password", (halt) => comeIn("signIn", credentials, (is) => (stage.value = is), halt));
  };
  const look = danger === undefined ? "main-choice" : "danger";
  return (
    <div class="account-again" ref={place}>
      {danger === undefined && <p>{login !== null || hasPasskey ? passkeyWords.again : passkeyWords.againByOther}</p>}
      <form onSubmit={submit} noValidate>
        {login !== null && (
          <>
            <KnownName login={login} />
            <Field
              label={words.password}
              type="password"
              autoComplete="current-password"
              value={typed.value}
              onValue={(text) => (typed.value = text)}
              wrong={wrong.value}
            />
          </>
        )}
        <p class="account-problem trouble" role="alert">
          {problem.value && explainHere(problem.value, wording, by.value)}
        </p>
        <Progress isBusy={isBusy.value} words={stage.value === "stretching" ? words.working : words.waiting} />
        {login !== null && (
          <button class={look} aria-disabled={isBusy.value}>
            {danger ?? passkeyWords.byPassword}
          </button>
        )}
        {hasPasskey && (
          <button
            type="button"
            class={login === null ? look : ""}
            aria-disabled={isBusy.value}
            onClick={() => enterBy("passkey", signIn)}
          >
            {(login === null ? danger : undefined) ?? passkeyWords.byPasskey}
          </button>
        )}
        {login === null && !hasPasskey && danger !== undefined && (
          <button
            type="button"
            class={look}
            aria-disabled={isBusy.value}
            onClick={() => run(async (halt) => onDone(halt))}
          >
            {danger}
          </button>
        )}
        {login === null && !hasPasskey && !isFresh && <AgainThere wording={wording} />}
        {onCancel && (
          <button type="button" onClick={() => isBusy.value || onCancel()}>
            {passkeyWords.cancel}
          </button>
        )}
      </form>
    </div>
  );
}
