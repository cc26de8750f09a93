/** One's account: who one is, ways in, devices, data. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Me } from "../../../api/types.ts";
import { lazily } from "../../../browser/lazily.ts";
import { has } from "../../../state/config.ts";
import type { Wording } from "../wording.ts";
import { Address } from "./Address.tsx";
import { logOut, readMe } from "./calls.ts";
import { DataSection } from "./DataSection.tsx";
import { Devices } from "./Devices.tsx";
import { explainHere } from "./explain.ts";
import { Keys } from "./keys/Keys.tsx";
import { Passkeys } from "./passkeys/Passkeys.tsx";
import { Identities } from "./providers/Identities.tsx";
import { words } from "./strings.ts";
import { useTask } from "./task.ts";
import type { Ways } from "./ways.ts";
import { WithProviders } from "./WithProviders.tsx";

interface Props {
  wording: Wording;
  /** By what one signs in; it is read here. */
  ways: Ways;
  onWays: (ways: Ways) => void;
  onPassword: () => void;
  onRemove: () => void;
}

export function Home({ wording, ways, onWays, onPassword, onRemove }: Props) {
  const me = useSignal<Me | null>(null);
  const reading = useTask();
  const leaving = useTask();
  const read = () =>
    reading.run(async () => {
      const read = await readMe();
      onWays({ login: read.login, passkeys: 0 });
      me.value = read;
    });
  useEffect(read, []);
  const signOut = (everywhere: boolean) =>
    leaving.run(async () => {
      // It is here before the server is told: nothing comes between that and leaving.
      const { leaveBy } = await lazily(() => import("../device.ts"));
      await leaveBy(() => logOut(everywhere), "out");
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
        {/* Other ways stand here once the server has them. */}
        <ul class="account-list">
          <li>
            <span>
              {words.byPassword}
              {me.value?.email && <small class="hint">{me.value.login}</small>}
              {me.value?.login === null && <small class="hint">{words.noneYet}</small>}
            </span>
            {me.value && (
              <button onClick={onPassword}>{ways.login === null ? words.makePassword : words.changePassword}</button>
            )}
          </li>
        </ul>
      </section>
      {me.value && has("mail") && <Address me={me.value} wording={wording} />}
      {me.value && has("passkeys") && <Passkeys ways={ways} wording={wording} onWays={onWays} />}
      {me.value && <WithProviders show={(known) => <Identities providers={known} ways={ways} wording={wording} />} />}
      {me.value && has("openai") && <Keys ways={ways} wording={wording} />}
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
      <bdi>{email ?? login ?? words.nameless}</bdi>
      <span class="hint">
        {user.role === "admin" ? words.admin : limits.per_day !== null && words.perDay(String(limits.per_day))}
      </span>
      {user.role === "admin" && <a href="/admin">{words.figures}</a>}
    </p>
  );
}
