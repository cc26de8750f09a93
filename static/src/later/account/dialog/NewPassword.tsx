/** The password of who is signed in: another one in place of the one that there is, or the first. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Wording } from "../wording.ts";
import { Again } from "./Again.tsx";
import { setPassword } from "./calls.ts";
import { wrongIn } from "./checks.ts";
import { type Entered, type Stage, stretch } from "./entering.ts";
import { explainHere } from "./explain.ts";
import { Field, KnownName } from "./Field.tsx";
import { useFresh } from "./fresh.ts";
import { hasAuthenticators } from "./passkeys/authenticator.ts";
import { Progress } from "./Progress.tsx";
import { words } from "./strings.ts";
import type { Ways } from "./ways.ts";

interface Props {
  ways: Ways;
  wording: Wording;
  /** Whether a recovery code may be on its way. */
  onCode: (isComing: boolean) => void;
  onSet: (entered: Entered) => void;
  /** By the recovery code instead. */
  onReset: () => void;
}

const FIELDS = ["username", "old-password", "password"] as const;
type Wrong = Partial<Record<(typeof FIELDS)[number], string | undefined>>;

export function NewPassword({ ways, wording, onCode, onSet, onReset }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const email = useSignal("");
  const old = useSignal("");
  const typed = useSignal("");
  const wrong = useSignal<Wrong>({});
  const isLost = useSignal(false);
  const stage = useSignal<Stage>("asking");
  const { isBusy, problem, run, again } = useFresh();
  const { login } = ways;
  const asksOld = login !== null && !isLost.value;

  const save = () =>
    run(async (halt) => {
      const onStage = (is: Stage) => {
        stage.value = is;
        onCode(is === "entering");
      };
      const name = login ?? email.value.trim();
      const passwords = asksOld ? [typed.value, old.value] : [typed.value];
      const [key = "", oldKey] = await stretch(name, passwords, onStage, halt);
      const body = { email: name, password_key: key, ...(oldKey !== undefined && { old_password_key: oldKey }) };
      const { token, recovery_code } = await setPassword(body).finally(() => onCode(false));
      onSet({ token, code: recovery_code ?? null, guest: null });
    });
  const submit = (event: Event) => {
    event.preventDefault();
    const found = wrongIn("signUp", { email: login ?? email.value, password: typed.value, code: "" });
    wrong.value = {
      username: found.email,
      "old-password": asksOld && old.value === "" ? words.noOldPassword : undefined,
      password: found.password,
    };
    const first = FIELDS.find((name) => wrong.value[name]);
    if (first) form.current?.querySelector<HTMLInputElement>(`input[name=${first}]`)?.focus();
    else save();
  };
  const lose = () => {
    if (ways.passkeys === 0 || !hasAuthenticators()) onReset();
    else isLost.value = true;
  };
  return (
    <>
      <form ref={form} onSubmit={submit} noValidate>
        <p class="hint">{login === null ? words.firstPasswordNote : words.passwordNote}</p>
        {login === null ? (
          <Field
            label={words.email}
            type="email"
            autoComplete="username"
            value={email.value}
            onValue={(text) => (email.value = text)}
            hint={words.emailHint}
            wrong={wrong.value.username}
          />
        ) : (
          <KnownName login={login} />
        )}
        {asksOld && (
          <Field
            label={words.oldPassword}
            type="password"
            name="old-password"
            autoComplete="current-password"
            value={old.value}
            onValue={(text) => (old.value = text)}
            wrong={wrong.value["old-password"]}
          />
        )}
        {login !== null && isLost.value && <p class="hint">{words.byPasskeyInstead}</p>}
        <Field
          label={words.newPassword}
          type="password"
          autoComplete="new-password"
          value={typed.value}
          onValue={(text) => (typed.value = text)}
          hint={words.passwordHint}
          wrong={wrong.value.password}
        />
        <p class="account-problem trouble" role="alert">
          {problem.value && explainHere(problem.value, wording)}
        </p>
        <Progress isBusy={isBusy.value} words={stage.value === "stretching" ? words.working : words.waiting} />
        {!again.value && (
          <button class="main-choice" aria-disabled={isBusy.value}>
            {words.submits.reset}
          </button>
        )}
      </form>
      {again.value && (
        <Again
          ways={{ login: null, passkeys: ways.passkeys }}
          wording={wording}
          onDone={again.value}
          onCancel={() => (again.value = null)}
        />
      )}
      {asksOld && (
        <nav class="account-others" aria-label={words.otherWays}>
          <button onClick={lose}>{words.lostPassword}</button>
        </nav>
      )}
    </>
  );
}
