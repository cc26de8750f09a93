/** Shows the recovery code, once: it goes only when the visitor says that it is kept. */
import { useSignal } from "@preact/signals";
import { Fragment } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { isCopied } from "../../../browser/clipboard.ts";
import { words } from "./strings.ts";

export function RecoveryCode({ code, onKept }: { code: string; onKept: () => void }) {
  const shown = useRef<HTMLElement>(null);
  const said = useSignal("");
  useEffect(() => {
    const ask = (event: Event) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, []);
  const copy = async () => {
    const copied = await isCopied(code);
    if (!copied && shown.current) getSelection()?.selectAllChildren(shown.current);
    said.value = copied ? words.codeCopied : words.codeNotCopied;
  };
  return (
    <>
      <p class="hint">{words.codeNote}</p>
      <code class="account-code" ref={shown}>
        {code.split("-").map((group, at) => (
          <Fragment key={at}>
            {at > 0 && "-"}
            <wbr />
            {group}
          </Fragment>
        ))}
      </code>
      <p class="hint" role="status">
        {said}
      </p>
      <button onClick={() => void copy()}>{words.copyCode}</button>
      <button class="main-choice" onClick={onKept}>
        {words.codeKept}
      </button>
    </>
  );
}
