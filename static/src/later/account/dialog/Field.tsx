/** A field with its name above, what helps below, and what is wrong with it. */
import { useSignal } from "@preact/signals";
import { words } from "./strings.ts";

interface Props {
  label: string;
  type: "text" | "email" | "password";
  autoComplete: string;
  /** Where a form has two of a kind. */
  name?: string;
  value: string;
  onValue: (value: string) => void;
  hint?: string;
  wrong?: string | undefined;
  /** How many characters fit. */
  most?: number;
}

export function Field({ label, value, onValue, hint, wrong, type, autoComplete, most, name: given }: Props) {
  const isShown = useSignal(false);
  const isPassword = type === "password";
  const name = given ?? (isPassword ? "password" : type === "email" ? "username" : "code");
  // Preact counts ids for each tree that it draws, and the page's own tree has the first ones.
  const id = `account-${name}`;
  const note = wrong ?? hint;
  return (
    <div class="account-field">
      <label for={id}>{label}</label>
      <div class="account-input">
        <input
          id={id}
          name={name}
          {...({ type: isPassword && isShown.value ? "text" : type } as { type: "text" })}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
          autoComplete={autoComplete}
          inputMode={type === "email" ? "email" : "text"}
          autoCapitalize="none"
          spellcheck={false}
          maxLength={most}
          required
          aria-invalid={wrong !== undefined}
          aria-describedby={note ? `${id}-note` : undefined}
        />
        {isPassword && (
          <button
            type="button"
            class="quiet"
            aria-label={words.showPassword}
            aria-pressed={isShown.value}
            onClick={() => (isShown.value = !isShown.value)}
          >
            {words.show}
          </button>
        )}
      </div>
      {note && (
        <p id={`${id}-note`} class={wrong ? "hint trouble" : "hint"}>
          {note}
        </p>
      )}
    </div>
  );
}

/** So that a password manager knows whose password is asked for, where the name is known. */
export function KnownName({ login }: { login: string }) {
  return (
    <input
      class="unseen"
      type="email"
      autoComplete="username"
      value={login}
      readOnly
      tabIndex={-1}
      aria-hidden="true"
    />
  );
}
