/** The list of what somebody keeps, passkeys or keys of programs: what each is called and has been through, and what can be done with it. */
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Confirm } from "./Confirm.tsx";
import { words as common } from "./strings.ts";

/** What is being done with one of them. */
export type Open = { id: string; what: "rename" | "remove" } | null;

/** What can be done: its word, and that of one by its name for who does not see the list. */
interface Act {
  act: string;
  that: (name: string) => string;
}

interface Props<T> {
  /** Null: not read so far. */
  all: readonly T[] | null;
  none: string;
  isBusy: boolean;
  problem: string | null;
  open: Signal<Open>;
  nameOf: (one: T) => string;
  historyOf: (one: T) => string;
  /** `form` stands in the place of the one that gets another name. */
  renaming?: Act & { form: (one: T) => ComponentChildren };
  removing: Act & { question: (name: string) => string; keep: string; onAct: (one: T) => void; onKeep: () => void };
  /** Something is about to be done with one. */
  onOpen: () => void;
  onRead: () => void;
}

export function KeptList<T extends { id: string }>(props: Props<T>) {
  const { all, none, isBusy, problem, open, nameOf, historyOf, renaming, removing, onOpen, onRead } = props;
  const button = ({ act, that }: Act, one: T, what: "rename" | "remove") => (
    <button
      aria-label={that(nameOf(one))}
      aria-disabled={isBusy}
      onClick={() => {
        open.value = { id: one.id, what };
        onOpen();
      }}
    >
      {act}
    </button>
  );
  const isOpen = (one: T, what: "rename" | "remove") => open.value?.id === one.id && open.value.what === what;
  return (
    <>
      <p class="account-problem trouble" role="alert">
        {problem}
      </p>
      {!all && isBusy && <p class="hint">{common.loading}</p>}
      {!all && problem !== null && <button onClick={onRead}>{common.tryAgain}</button>}
      {all?.length === 0 && <p class="hint">{none}</p>}
      <ul class="account-list">
        {all?.map((one) => (
          <li key={one.id}>
            {renaming && isOpen(one, "rename") ? (
              renaming.form(one)
            ) : (
              <>
                <span>
                  <bdi>{nameOf(one)}</bdi>
                  <small class="hint">{historyOf(one)}</small>
                </span>
                <span class="account-acts">
                  {renaming && button(renaming, one, "rename")}
                  {button(removing, one, "remove")}
                </span>
              </>
            )}
            {isOpen(one, "remove") && (
              <Confirm
                question={removing.question(nameOf(one))}
                keep={removing.keep}
                act={removing.act}
                isBusy={isBusy}
                onAct={() => removing.onAct(one)}
                onKeep={removing.onKeep}
              />
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
