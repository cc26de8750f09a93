/** Asks once more before something is taken away. What does no harm has the focus. */
import { useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  question: string;
  keep: string;
  act: string;
  isBusy: boolean;
  onAct: () => void;
  onKeep: () => void;
}

export function Confirm({ question, keep, act, isBusy, onAct, onKeep }: Props) {
  const group = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => group.current?.querySelector("button")?.focus(), []);
  return (
    <div class="account-confirm" role="group" aria-labelledby="account-confirm" ref={group}>
      <p class="hint" id="account-confirm">
        {question}
      </p>
      <div class="account-ends">
        <button onClick={onKeep}>{keep}</button>
        <button class="account-remove" aria-disabled={isBusy} onClick={onAct}>
          {act}
        </button>
      </div>
    </div>
  );
}
