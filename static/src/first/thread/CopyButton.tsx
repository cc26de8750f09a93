/** Copies a message as it was written, markdown and all. */
import { useSignal } from "@preact/signals";
import { announce } from "../../state/announcer.ts";
import { notify } from "../../state/notices.ts";
import { Icon } from "../Icon.tsx";
import { strings } from "../strings.ts";

/** How long the button says that it worked, in milliseconds. */
const SAID_FOR = 2000;

export function CopyButton({ text }: { text: string }) {
  const isCopied = useSignal(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Forbidden by the browser, or not a secure page.
      notify({ kind: "problem", text: strings.notCopied });
      return;
    }
    announce("copied");
    isCopied.value = true;
    setTimeout(() => (isCopied.value = false), SAID_FOR);
  };
  return (
    <button class="quiet" aria-label={strings.copy} title={strings.copy} onClick={() => void copy()}>
      <Icon name={isCopied.value ? "check" : "copy"} />
    </button>
  );
}
