/** A text for a program, with a button that copies it. */
import { useRef } from "preact/hooks";
import { isCopied } from "../../../../browser/clipboard.ts";
import { words } from "./strings.ts";

interface Props {
  /** What it is, for who only hears of it. */
  what: string;
  text: string;
  /** What has come of it. */
  onSaid: (said: string) => void;
}

export function Copyable({ what, text, onSaid }: Props) {
  const shown = useRef<HTMLElement>(null);
  const copy = async () => {
    const copied = await isCopied(text);
    if (!copied && shown.current) getSelection()?.selectAllChildren(shown.current);
    onSaid(copied ? words.copied(what) : words.notCopied);
  };
  return (
    <div class="account-copyable">
      <code ref={shown} dir="ltr">
        {text}
      </code>
      <button aria-label={words.copyThat(what)} onClick={() => void copy()}>
        {words.copy}
      </button>
    </div>
  );
}
