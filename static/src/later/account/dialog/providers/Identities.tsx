/** Who vouches for the account's owner: each can be removed, and more be added. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { serverNow } from "../../../../api/serverClock.ts";
import type { Identity, Provider } from "../../../../api/types.ts";
import type { Wording } from "../../wording.ts";
import { Again } from "../Again.tsx";
import { useFresh } from "../fresh.ts";
import { words as dialogWords } from "../strings.ts";
import type { Ways } from "../ways.ts";
import { leaveFor, listIdentities, removeIdentity } from "./calls.ts";
import { explainProvider } from "./explain.ts";
import { words } from "./strings.ts";

interface Props {
  providers: Provider[];
  ways: Ways;
  wording: Wording;
}

export function Identities({ providers, ways, wording }: Props) {
  const identities = useSignal<Identity[] | null>(null);
  const said = useSignal("");
  const heading = useRef<HTMLHeadingElement>(null);
  const { isBusy, problem, run, again } = useFresh();
  const read = () => run(async () => void (identities.value = await listIdentities()));
  useEffect(read, []);
  const nameOf = ({ provider, issuer }: Identity) =>
    providers.find(({ id }) => id === provider)?.name ?? issuer.replace("https://", "");
  const remove = (one: Identity) =>
    run(async () => {
      await removeIdentity(one.id);
      // Its button goes with it.
      heading.current?.focus();
      identities.value = identities.value?.filter((other) => other !== one) ?? null;
      said.value = words.removed(nameOf(one));
    });
  const known = identities.value ?? [];
  return (
    <section aria-labelledby="account-identities">
      <h3 id="account-identities" ref={heading} tabIndex={-1}>
        {words.identities}
      </h3>
      <p class="hint">{words.identitiesNote}</p>
      <p class="account-problem trouble" role="alert">
        {problem.value && explainProvider(problem.value, wording)}
      </p>
      {!identities.value && problem.value && <button onClick={read}>{dialogWords.tryAgain}</button>}
      <ul class="account-list">
        {known.map((one) => (
          <li key={one.id}>
            <span>
              <bdi>{nameOf(one)}</bdi>
              <small class="hint">{words.since(ago(one, wording))}</small>
            </span>
            <button aria-label={words.removeOne(nameOf(one))} aria-disabled={isBusy.value} onClick={() => remove(one)}>
              {words.remove}
            </button>
          </li>
        ))}
      </ul>
      {identities.value && known.length === 0 && <p class="hint">{words.none}</p>}
      <div class="account-providers">
        {providers.map(({ id, name }) => (
          <button key={id} aria-disabled={isBusy.value} onClick={() => run((halt) => leaveFor(id, "add", halt))}>
            {words.add(name)}
          </button>
        ))}
      </div>
      {again.value && (
        <Again ways={ways} wording={wording} onDone={again.value} onCancel={() => (again.value = null)} />
      )}
      <p class="unseen" role="status">
        {said}
      </p>
    </section>
  );
}

function ago({ created_at }: Identity, { relativeTime }: Wording): string {
  return relativeTime(Math.min(0, Date.parse(created_at) - serverNow()));
}
