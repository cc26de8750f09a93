/** A key that is to be made, and one that was: shown once, with how a program asks by it. */
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { MadeApiKey } from "../../../../api/types.ts";
import { Field } from "../Field.tsx";
import { ADDRESS, firstModel } from "./calls.ts";
import { Copyable } from "./Copyable.tsx";
import { snippets } from "./snippets.ts";
import { words } from "./strings.ts";

/** Days, and what that is called: a key that is forgotten somewhere should not be good for ever, unless somebody wants that. */
const LASTS = [30, 90, 365, 0] as const;
const USUAL = 90;

interface NewKeyProps {
  isBusy: boolean;
  onMake: (name: string, days: number) => void;
  onCancel: () => void;
}

export function NewKey({ isBusy, onMake, onCancel }: NewKeyProps) {
  const name = useSignal("");
  const days = useSignal(USUAL);
  const wrong = useSignal<string | undefined>(undefined);
  const form = useRef<HTMLFormElement>(null);
  // Before the browser paints: the next key stroke is meant for this field.
  useLayoutEffect(() => form.current?.querySelector("input")?.focus(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    wrong.value = name.value.trim() === "" ? words.noName : undefined;
    if (!wrong.value) onMake(name.value, days.value);
  };
  return (
    <form ref={form} class="account-new-key" onSubmit={submit} noValidate>
      <Field
        label={words.name}
        type="text"
        name="key-name"
        autoComplete="off"
        value={name.value}
        onValue={(text) => (name.value = text)}
        hint={words.nameHint}
        wrong={wrong.value}
        most={100}
      />
      <div class="account-field">
        <label for="account-key-ends">{words.ends}</label>
        <select
          id="account-key-ends"
          value={days.value}
          onChange={(event) => (days.value = Number(event.currentTarget.value))}
        >
          {LASTS.map((many) => (
            <option key={many} value={many}>
              {words.lasts[many]}
            </option>
          ))}
        </select>
      </div>
      <div class="account-ends">
        <button aria-disabled={isBusy}>{words.makeIt}</button>
        <button type="button" onClick={onCancel}>
          {words.cancel}
        </button>
      </div>
    </form>
  );
}

interface MadeKeyProps {
  made: MadeApiKey;
  onSaid: (said: string) => void;
  onKept: () => void;
}

export function MadeKey({ made: { key, name }, onSaid, onKept }: MadeKeyProps) {
  const model = useSignal("");
  const heading = useRef<HTMLHeadingElement>(null);
  // Before the browser paints: the next key stroke is meant for what is shown.
  useLayoutEffect(() => heading.current?.focus(), []);
  useEffect(() => {
    // Without it the examples leave a gap to be filled.
    firstModel().then(
      (first) => (model.value = first),
      () => undefined,
    );
  }, []);
  return (
    <div class="account-made-key">
      <h4 ref={heading} tabIndex={-1}>
        {words.madeTitle}: <bdi>{name}</bdi>
      </h4>
      <p class="hint">{words.madeNote}</p>
      <Copyable what={words.key} text={key} onSaid={onSaid} />
      <h4>{words.examples}</h4>
      {snippets(ADDRESS, key, model.value).map(({ language, code }) => (
        <details key={language} name="account-examples">
          <summary>{language}</summary>
          <Copyable what={language} text={code} onSaid={onSaid} />
        </details>
      ))}
      <div class="account-ends">
        <button onClick={onKept}>{words.close}</button>
      </div>
    </div>
  );
}
