/** The passkeys that somebody keeps: adding, naming and removing them. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { serverNow } from "../../../../api/serverClock.ts";
import type { Passkey } from "../../../../api/types.ts";
import type { Wording } from "../../wording.ts";
import { Again } from "../Again.tsx";
import { explainHere } from "../explain.ts";
import { Field } from "../Field.tsx";
import { useFresh } from "../fresh.ts";
import { KeptList, type Open } from "../KeptList.tsx";
import { Progress } from "../Progress.tsx";
import { words as common } from "../strings.ts";
import type { Ways } from "../ways.ts";
import { hasAuthenticators } from "./authenticator.ts";
import { listPasskeys, removePasskey, renamePasskey } from "./calls.ts";
import { add } from "./entering.ts";
import { words } from "./strings.ts";

interface Props {
  ways: Ways;
  wording: Wording;
  onWays: (ways: Ways) => void;
}

const nameOf = ({ name }: Passkey) => name || words.unnamed;

export function Passkeys({ ways, wording, onWays }: Props) {
  const passkeys = useSignal<Passkey[] | null>(null);
  const open = useSignal<Open>(null);
  const said = useSignal("");
  const heading = useRef<HTMLHeadingElement>(null);
  const { isBusy, problem, run, again } = useFresh();
  const show = (all: Passkey[]) => {
    passkeys.value = all;
    onWays({ ...ways, passkeys: all.length });
  };
  /** What was used is gone, or is about to be: the focus has to be somewhere. */
  const close = (told = "") => {
    open.value = null;
    said.value = told;
    heading.current?.focus();
  };
  const read = () => run(async () => show(await listPasskeys()));
  // Before the browser paints: it does not look read for a moment.
  useLayoutEffect(read, []);
  const makeOne = () =>
    run(async (halt) => {
      const added = await add(halt);
      show([...(passkeys.value ?? []), added]);
      close(words.added(nameOf(added)));
    });
  const rename = (id: string, name: string) =>
    run(async () => {
      const renamed = await renamePasskey(id, name);
      show(passkeys.value?.map((one) => (one.id === id ? renamed : one)) ?? []);
      close(words.renamed(nameOf(renamed)));
    });
  const remove = (one: Passkey) =>
    run(async () => {
      await removePasskey(one.id);
      show(passkeys.value?.filter(({ id }) => id !== one.id) ?? []);
      close(words.removed(nameOf(one)));
    });
  const all = passkeys.value;
  return (
    <section aria-labelledby="account-passkeys">
      <h3 id="account-passkeys" ref={heading} tabIndex={-1}>
        {words.title}
      </h3>
      <p class="hint">{words.note}</p>
      <KeptList
        all={all}
        none={words.none}
        isBusy={isBusy.value}
        problem={problem.value && explainHere(problem.value, wording, "passkey")}
        open={open}
        nameOf={nameOf}
        historyOf={(one) => history(one, wording)}
        renaming={{
          act: words.rename,
          that: words.renameThat,
          form: ({ id, name }) => (
            <Rename
              key="rename"
              name={name}
              isBusy={isBusy.value}
              onSave={(next) => rename(id, next)}
              onCancel={close}
            />
          ),
        }}
        removing={{
          act: words.remove,
          that: words.removeThat,
          question: words.confirmRemove,
          keep: words.keep,
          onAct: remove,
          onKeep: () => close(),
        }}
        onOpen={() => (said.value = "")}
        onRead={read}
      />
      {all?.length === 1 && ways.login === null && <p class="hint">{words.onlyOne}</p>}
      {again.value && (
        <Again
          ways={{ ...ways, passkeys: all?.length ?? 0 }}
          wording={wording}
          onCancel={() => {
            again.value = null;
            close();
          }}
          onDone={again.value}
        />
      )}
      <Progress isBusy={isBusy.value && all !== null} words={common.waiting} />
      <p class="hint" role="status">
        {said}
      </p>
      {hasAuthenticators() ? (
        <div class="account-ends">
          <button aria-disabled={isBusy.value} onClick={makeOne}>
            {words.add}
          </button>
        </div>
      ) : (
        <p class="hint">{words.unsupported}</p>
      )}
    </section>
  );
}

function history({ created_at, used_at, backed_up }: Passkey, { relativeTime }: Wording): string {
  const ago = (time: string) => relativeTime(Math.min(0, Date.parse(time) - serverNow()));
  const parts = [words.made(ago(created_at)), used_at ? words.used(ago(used_at)) : words.unused];
  return [...parts, ...(backed_up ? [words.backedUp] : [])].join(", ");
}

interface RenameProps {
  name: string;
  isBusy: boolean;
  onSave: (name: string) => void;
  onCancel: () => void;
}

function Rename({ name, isBusy, onSave, onCancel }: RenameProps) {
  const typed = useSignal(name);
  const form = useRef<HTMLFormElement>(null);
  // Before the browser paints: the next key stroke is meant for this field.
  useLayoutEffect(() => form.current?.querySelector("input")?.select(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    onSave(typed.value);
  };
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Field
        label={words.newName}
        type="text"
        name="passkey-name"
        autoComplete="off"
        value={typed.value}
        onValue={(text) => (typed.value = text)}
        most={100}
      />
      <div class="account-ends">
        <button aria-disabled={isBusy}>{words.save}</button>
        <button type="button" onClick={() => onCancel()}>
          {words.cancel}
        </button>
      </div>
    </form>
  );
}
