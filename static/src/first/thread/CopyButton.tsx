/** Copies a message as it was written, markdown and all. */
import { useSignal } from "@preact/signals";
import { isCopied } from "../../browser/clipboard.ts";
import { announce } from "../../state/announcer.ts";
import { notify } from "../../state/notices.ts";
import { Icon } from "../Icon.tsx";
import { strings } from "../strings.ts";

/** How long the button says that it worked, in milliseconds. */
const SAID_FOR = 2000;

export function CopyButton({ text }: { text: string }) {
  const isDone = useSignal(false);
  const copy = async () => {
    if (!(await isCopied(text))) {
      notify({ kind: "problem", text: strings.notCopied });
      return;
    }
    announce("copied");
    isDone.value = true;
    setTimeout(() => (isDone.value = false), SAID_FOR);
  };
  return (
    <button class="quiet" aria-label={strings.copy} title={strings.copy} onClick={() => void copy()}>
      <Icon name={isDone.value ? "check" : "copy"} />
    </button>
  );
}
