/** Asks whether a shared chat shall go on here as the visitor's own: it takes a message of theirs, and a link alone must not do that. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Problem } from "../../api/problem.ts";
import { requestJson } from "../../api/request.ts";
import type { Session, SharedBranch } from "../../api/types.ts";
import { strings } from "../../first/strings.ts";
import { open } from "../../state/route.ts";
import { note } from "../../state/sessions.ts";
import type { Wording } from "../account/wording.ts";
import { words } from "./strings.ts";
import "../copied/frame.css";
import "../copied/stacked.css";

interface Props {
  /** What stands in the link's address. */
  token: string;
  wording: Wording;
  onClose: () => void;
}

export function GoOnDialog({ token, wording, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const shared = useSignal<SharedBranch | null>(null);
  const isBusy = useSignal(true);
  const problem = useSignal("");
  /** A second try makes no second chat. */
  const key = useMemo(() => crypto.randomUUID(), [token]);
  const path = `/shares/${encodeURIComponent(token)}`;
  const run = (work: () => Promise<void>) => {
    isBusy.value = true;
    problem.value = "";
    work()
      .catch((thrown: unknown) => {
        const known = Problem.from(thrown);
        problem.value = known.code === "not_found" ? words.gone : wording.explain(known);
      })
      .finally(() => (isBusy.value = false));
  };
  useLayoutEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector("h2")?.focus();
    run(async () => void (shared.value = await requestJson<SharedBranch>(path)));
  }, [token]);
  const goOn = () => {
    if (isBusy.peek()) return;
    run(async () => {
      const headers = { "Idempotency-Key": key };
      const session = await requestJson<Session>(`${path}/continue`, { method: "POST", headers });
      note(session);
      dialog.current?.close();
      open(session.id);
    });
  };
  return (
    <dialog class="frame stacked" ref={dialog} aria-labelledby="go-on-title" onClose={onClose}>
      <header>
        <h2 id="go-on-title" tabIndex={-1}>
          {words.title}
        </h2>
      </header>
      {shared.value && <p dir="auto">{shared.value.title ?? strings.untitled}</p>}
      <p class="hint">{words.note}</p>
      <p class="trouble" role="alert">
        {problem.value}
      </p>
      <p role="status">{isBusy.value && words.busy}</p>
      {shared.value && (
        <button class="main-choice" aria-disabled={isBusy.value} onClick={goOn}>
          {words.goOn}
        </button>
      )}
      <button onClick={() => dialog.current?.close()}>{words.leave}</button>
    </dialog>
  );
}
