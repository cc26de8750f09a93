/** What one user has used, and whether they are let in. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { serverNow } from "../../api/serverClock.ts";
import { Close } from "../copied/Close.tsx";
import { Table } from "./Table.tsx";
import { blockPerson, readPerson, unblockPerson } from "./calls.ts";
import { explain } from "./explain.ts";
import type { Person } from "./shapes.ts";
import { type PauseName, pauseFrom } from "./span.ts";
import { words } from "./strings.ts";
import { bytes, count, moment } from "./written.ts";
import "../copied/frame.css";

export function PersonDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const person = useSignal<Person | null>(null);
  const pause = useSignal<PauseName>("hour");
  const isBusy = useSignal(false);
  const said = useSignal("");
  const failure = useSignal("");

  /** One thing at a time, and what came of it. */
  const run = async (failed: string, work: () => Promise<string>) => {
    if (isBusy.peek()) return;
    isBusy.value = true;
    failure.value = "";
    try {
      said.value = await work();
    } catch (thrown) {
      said.value = "";
      failure.value = `${failed} ${explain(thrown)}`;
    } finally {
      isBusy.value = false;
    }
  };
  /** What has become of the user is asked for: somebody else may have changed it, too. */
  const change = (work: Promise<unknown>, done: string) =>
    run(words.notDone, async () => {
      await work;
      person.value = await readPerson(id);
      return done;
    });
  useLayoutEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector("h2")?.focus();
    said.value = words.personReading;
    void run(words.notRead, async () => {
      person.value = await readPerson(id);
      return "";
    });
  }, []);

  return (
    <dialog class="frame admin-dialog" ref={dialog} aria-labelledby="admin-person" onClose={onClose}>
      <header>
        <h2 id="admin-person" tabIndex={-1}>
          {words.person} <span class="admin-id">{id}</span>
        </h2>
        <Close dialog={dialog} name={words.close} />
      </header>
      {person.value && (
        <>
          <Facts of={person.value} />
          <form
            class="admin-form"
            onSubmit={(event) => {
              event.preventDefault();
              void change(blockPerson(id, pauseFrom(serverNow(), pause.peek())), words.blocked);
            }}
          >
            <label>
              {words.blockFor}
              <select
                value={pause.value}
                onChange={({ currentTarget }) => (pause.value = currentTarget.value as PauseName)}
              >
                {Object.entries(words.pauses).map(([name, text]) => (
                  <option key={name} value={name}>
                    {text}
                  </option>
                ))}
              </select>
            </label>
            <button class="danger" aria-disabled={isBusy.value}>
              {words.block}
            </button>
            <button
              type="button"
              aria-disabled={isBusy.value}
              onClick={() => void change(unblockPerson(id), words.unblocked)}
            >
              {words.unblock}
            </button>
          </form>
        </>
      )}
      <p class="trouble" role="alert">
        {failure}
      </p>
      <p class="hint" role="status">
        {said}
      </p>
    </dialog>
  );
}

function Facts({ of }: { of: Person }) {
  const { bytes: kept, limit_bytes: limit } = of.storage;
  return (
    <>
      <dl class="admin-facts">
        <dt>{words.role}</dt>
        <dd>{of.role}</dd>
        <dt>{words.kept}</dt>
        <dd>{limit === null ? bytes(kept) : words.keptOf(bytes(kept), bytes(limit))}</dd>
      </dl>
      <Table
        id="admin-usage"
        labelledBy="admin-person"
        heads={[words.used, words.messages, words.tokens]}
        rows={[
          [words.today, count(of.today.messages), count(of.today.tokens)],
          [words.month, count(of.last_30_days.messages), count(of.last_30_days.tokens)],
        ]}
      />
      <p>{of.blocked_until === null ? words.notBlocked : words.blockedUntil(moment(of.blocked_until))}</p>
    </>
  );
}
