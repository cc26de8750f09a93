/** Shuts an address out until midnight, or lets it in again. */
import { useSignal } from "@preact/signals";
import { Section } from "./Section.tsx";
import { blockAddress } from "./calls.ts";
import { explain } from "./explain.ts";
import { words } from "./strings.ts";

export function Addresses() {
  const address = useSignal("");
  const isBusy = useSignal(false);
  const said = useSignal("");
  const failure = useSignal("");

  const change = async (method: "POST" | "DELETE") => {
    const which = address.peek().trim();
    if (isBusy.peek() || which === "") return;
    isBusy.value = true;
    said.value = failure.value = "";
    try {
      await blockAddress(which, method);
      said.value = method === "POST" ? words.addressBlocked(which) : words.addressUnblocked(which);
    } catch (thrown) {
      failure.value = `${words.notDone} ${explain(thrown)}`;
    } finally {
      isBusy.value = false;
    }
  };

  return (
    <Section id="admin-addresses" title={words.addresses}>
      <p class="hint" id="admin-address-note">
        {words.addressNote}
      </p>
      <form
        class="admin-form"
        onSubmit={(event) => {
          event.preventDefault();
          void change("POST");
        }}
      >
        <label>
          {words.address}
          <input
            name="address"
            value={address}
            required
            maxLength={64}
            autoComplete="off"
            spellcheck={false}
            aria-describedby="admin-address-note"
            onInput={({ currentTarget }) => (address.value = currentTarget.value)}
          />
        </label>
        <button class="danger" aria-disabled={isBusy.value}>
          {words.block}
        </button>
        <button type="button" aria-disabled={isBusy.value} onClick={() => void change("DELETE")}>
          {words.unblock}
        </button>
      </form>
      <p class="trouble" role="alert">
        {failure}
      </p>
      <p class="hint" role="status">
        {said}
      </p>
    </Section>
  );
}
