/** Who has said most, and the way to each of them, or to anybody else whose id is in the log. */
import { useSignal } from "@preact/signals";
import { PersonDialog } from "./PersonDialog.tsx";
import { Section } from "./Section.tsx";
import { Table } from "./Table.tsx";
import type { Busy } from "./shapes.ts";
import { words } from "./strings.ts";
import { count } from "./written.ts";

export function Busiest({ users }: { users: readonly Busy[] }) {
  const shown = useSignal<string | null>(null);
  const other = useSignal("");
  return (
    <Section id="admin-busiest" title={words.busiest}>
      <Table
        id="admin-users"
        labelledBy="admin-busiest"
        heads={[words.user, words.messages, words.tokens]}
        rows={users.map(({ user_id: id, messages, tokens }) => [
          <button
            key="open"
            class="admin-id"
            aria-haspopup="dialog"
            aria-label={words.open(id)}
            onClick={() => (shown.value = id)}
          >
            {id}
          </button>,
          count(messages),
          count(tokens),
        ])}
      />
      <form
        class="admin-form"
        onSubmit={(event) => {
          event.preventDefault();
          shown.value = other.peek().trim() || null;
        }}
      >
        <label>
          {words.other}
          <input
            name="user"
            value={other}
            required
            maxLength={64}
            autoComplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => (other.value = currentTarget.value)}
          />
        </label>
        <button aria-haspopup="dialog">{words.look}</button>
      </form>
      {shown.value !== null && <PersonDialog key={shown.value} id={shown.value} onClose={() => (shown.value = null)} />}
    </Section>
  );
}
