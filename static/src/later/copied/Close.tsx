/** The button that closes a dialog, in its head. */
import type { RefObject } from "preact";

interface Props {
  dialog: RefObject<HTMLDialogElement | null>;
  /** The word for it. */
  name: string;
}

export function Close({ dialog, name }: Props) {
  return (
    <button class="quiet" aria-label={name} title={name} onClick={() => dialog.current?.close()}>
      <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
        <path d="M5 5l10 10M15 5L5 15" />
      </svg>
    </button>
  );
}
