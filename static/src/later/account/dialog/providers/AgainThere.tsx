/** Signing in once more through a provider that the account is known by: the visitor leaves for it, and comes back to their account. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Wording } from "../../wording.ts";
import { WithProviders } from "../WithProviders.tsx";
import { listIdentities } from "./calls.ts";
import { Providers } from "./Providers.tsx";
import { words } from "./strings.ts";

export function AgainThere({ wording }: { wording: Wording }) {
  /** The account's own: any other would let in somebody else. */
  const own = useSignal<(string | null)[]>([]);
  useEffect(() => {
    // Where it is not known, one can sign out and in again all the same.
    listIdentities().then(
      (identities) => (own.value = identities.map(({ provider }) => provider)),
      () => undefined,
    );
  }, []);
  const known = own.value;
  return (
    <WithProviders
      show={(all) => {
        const providers = all.filter(({ id }) => known.includes(id));
        return (
          providers.length > 0 && (
            <>
              <p class="hint">{words.again}</p>
              <Providers providers={providers} wording={wording} />
            </>
          )
        );
      }}
    />
  );
}
