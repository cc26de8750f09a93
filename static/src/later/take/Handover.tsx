/** The dialog of the way to another device: on the one it shows a code, on the other it asks whether what comes with it is wanted. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Wording } from "../account/wording.ts";
import { Close } from "../copied/Close.tsx";
import { Give } from "./Give.tsx";
import { Take } from "./Take.tsx";
import { words } from "./strings.ts";
import "../copied/frame.css";
import "../copied/stacked.css";
import "./Handover.css";

interface Props {
  /** What another device has shown; null: this one shows one. */
  code: string | null;
  wording: Wording;
  onClose: () => void;
}

export function Handover({ code, wording, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = () => dialog.current?.close();
  useLayoutEffect(() => dialog.current?.showModal(), []);
  // Another link that is opened meanwhile is another question.
  useLayoutEffect(() => dialog.current?.querySelector("h2")?.focus(), [code]);
  return (
    <dialog class="frame stacked take" ref={dialog} aria-labelledby="take-title" onClose={onClose}>
      <header>
        <h2 id="take-title" tabIndex={-1}>
          {code === null ? words.give : words.take}
        </h2>
        <Close dialog={dialog} name={words.close} />
      </header>
      {code === null ? (
        <Give key="give" wording={wording} />
      ) : (
        <Take key={code} code={code} wording={wording} onLeave={close} />
      )}
    </dialog>
  );
}
