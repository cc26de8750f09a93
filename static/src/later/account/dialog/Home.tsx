/** One's account: who one is, ways in, devices, data. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Me } from "../../../api/types.ts";
import { lazily } from "../../../browser/lazily.ts";
import type { Wording } from "../wording.ts";
import { logOut, readMe } from "./calls.ts";
import { DataSection } from "./DataSection.tsx";
import { Devices } from "./Devices.tsx";
import { explainHere } from "./explain.ts";
import { Identities } from "./providers/Identities.tsx";
import { words } from "./strings.ts";
import { useTask } from "./task.ts";
import { WithProviders } from "./WithProviders.tsx";

interface Props {
  wording: Wording;
  /** Once it is known by which name one signs in. */
  onLogin: (login: string) => void;
  onReset: () => void;
  onRemove: () => void;
}

export function Home({ wording, onLogin, onReset, onRemove }: Props) {
  const me = useSignal<Me | null>(null);
  const reading = useTask();
  const leaving = useTask();
  const read = () =>
    reading.run(async () => {
      me.value = await readMe();
      if (me.value.login) onLogin(me.value.login);
    });
  useEffect(read, []);
  const signOut = (everywhere: boolean) =>
    leaving.run(async () => {
      await logOut(everywhere);
      const { leave } = await lazily(() => import("../device.ts"));
      leave("out");
    });
  const problem = reading.problem.value ?? leaving.problem.value;
  return (
    <>
      <p class="account-problem trouble" role="alert">
        {problem && explainHere(problem, wording)}
      </p>
      {reading.problem.value && <button onClick={read}>{words.tryAgain}</button>}
      {!me.value && reading.isBusy.value && <p class="hint">{words.loading}</p>}
      {me.value && <Who me={me.value} />}
      <section aria-labelledby="account-ways">
        <h3 id="account-ways">{words.waysIn}</h3>
        {/* Passkeys and other ways stand here once the server has them. */}
        <ul class="account-list">
          <li>
            <span>
              {words.byPassword}
              {me.value?.email && <small class="hint">{me.value.login}</small>}
            </span>
            <button onClick={onReset}>{words.changePassword}</button>
          </li>
        </ul>
      </section>
      <WithProviders show={(known) => <Identities providers={known} wording={wording} />} />
      <Devices wording={wording} onSignOut={() => signOut(false)} />
      <DataSection wording={wording} onRemove={onRemove} />
      <div class="account-ends">
        <button class="main-choice" aria-disabled={leaving.isBusy.value} onClick={() => signOut(false)}>
          {words.signOut}
        </button>
        <button aria-disabled={leaving.isBusy.value} onClick={() => signOut(true)}>
          {words.signOutEverywhere}
        </button>
      </div>
    </>
  );
}

function Who({ me: { email, login, user, limits } }: { me: Me }) {
  return (
    <p class="account-who">
      <bdi>{email ?? login}</bdi>
      <span class="hint">
        {user.role === "admin" ? words.admin : limits.per_day !== null && words.perDay(String(limits.per_day))}
      </span>
    </p>
  );
}
