/** The dialog in which links to a chat are made, copied, moved and revoked. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Problem, type ProblemCode } from "../../api/problem.ts";
import type { Session, Share } from "../../api/types.ts";
import { isAnswering } from "../../state/conversations.ts";
import type { Page } from "../session/page.ts";
import { Close } from "../copied/Close.tsx";
import { listShares, makeShare, moveShare, revokeShare } from "./calls.ts";
import { isCopied } from "../../browser/clipboard.ts";
import { leafOf } from "./leaf.ts";
import { ShareItem } from "./ShareItem.tsx";
import { strings } from "../../first/strings.ts";
import { words } from "./strings.ts";
import "../copied/frame.css";
import "./share.css";

interface Props {
  page: Page;
  session: Session;
  onClose: () => void;
}

type Life = keyof typeof words.lives;

const problems: Partial<Record<ProblemCode, string>> = words.problems;

const DAY = 24 * 60 * 60;
const SECONDS: Record<Life, number | null> = { never: null, day: DAY, week: 7 * DAY, month: 30 * DAY };

export function ShareDialog({ page, session, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const life = useSignal<Life>("never");
  const shares = useSignal<readonly Share[] | "reading" | "failed">("reading");
  const isBusy = useSignal(false);
  const said = useSignal("");
  const failure = useSignal("");

  const read = () => {
    shares.value = "reading";
    listShares().then(
      (list) => (shares.value = list),
      () => (shares.value = "failed"),
    );
  };
  const focusTitle = () => dialog.current?.querySelector("h2")?.focus();
  useLayoutEffect(() => {
    dialog.current?.showModal();
    focusTitle();
    read();
  }, []);

  /** One thing at a time, and what came of it. */
  const run = async (work: () => Promise<string>) => {
    if (isBusy.peek()) return;
    isBusy.value = true;
    said.value = failure.value = "";
    try {
      said.value = await work();
    } catch (thrown) {
      const problem = Problem.from(thrown);
      failure.value = `${words.failed} ${problems[problem.code] ?? page.explain(problem)}`;
      // Somebody has changed it elsewhere. The button that was pressed goes with the list.
      if (problem.code === "stale_revision" || problem.code === "not_found") {
        focusTitle();
        read();
      }
    } finally {
      isBusy.value = false;
    }
  };
  const change = (next: (list: readonly Share[]) => readonly Share[]) => {
    const list = shares.peek();
    if (typeof list !== "string") shares.value = next(list);
  };

  const make = () =>
    run(async () => {
      const leaf = await leafOf(session.id);
      if (leaf === null) return words.empty;
      const share = await makeShare(session.id, leaf, SECONDS[life.peek()]);
      change((list) => [share, ...list]);
      if (typeof shares.peek() === "string") read();
      return (await isCopied(addressOf(share) ?? "")) ? words.isMade : words.isMadeOnly;
    });
  const update = (share: Share) =>
    run(async () => {
      const leaf = await leafOf(session.id);
      if (leaf === null) return words.empty;
      const moved = await moveShare(share, leaf);
      change((list) => list.map((one) => (one.id === share.id ? moved : one)));
      return words.updated;
    });
  const revoke = (share: Share) =>
    run(async () => {
      await revokeShare(share);
      change((list) => list.filter(({ id }) => id !== share.id));
      // Its button has gone with it.
      focusTitle();
      return words.revoked;
    });

  const isRunning = isAnswering(session.id);
  const list = typeof shares.value === "string" ? [] : shares.value;
  const [own, others] = [true, false].map((isOwn) =>
    list.filter((share) => (share.session_id === session.id) === isOwn),
  );
  const items = (some: readonly Share[] = [], isOwn: boolean) => (
    <ul>
      {some.map((share) => (
        <ShareItem
          key={share.id}
          page={page}
          share={share}
          address={addressOf(share)}
          isOwn={isOwn}
          isBusy={isBusy.value}
          onUpdate={isOwn && !isRunning ? () => void update(share) : null}
          onRevoke={() => void revoke(share)}
          onCopied={(text) => (said.value = text)}
        />
      ))}
    </ul>
  );
  return (
    <dialog class="frame share" ref={dialog} aria-labelledby="share-title" onClose={onClose}>
      <header>
        <h2 id="share-title" tabIndex={-1}>
          <page.Words of={words.title(session.title ?? strings.untitled)} />
        </h2>
        <Close dialog={dialog} name={words.close} />
      </header>
      <p class="hint">{words.note}</p>
      <div class="share-new">
        <label>
          {words.ends}
          <select value={life.value} onChange={({ currentTarget }) => (life.value = currentTarget.value as Life)}>
            {Object.entries(words.lives).map(([name, text]) => (
              <option key={name} value={name}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <button class="main-choice" disabled={isRunning} aria-disabled={isBusy.value} onClick={() => void make()}>
          {words.make}
        </button>
      </div>
      {isRunning && <p class="hint">{words.running}</p>}
      <p class="trouble" role="alert">
        {failure}
      </p>
      <p class="hint share-said" role="status">
        {shares.value === "reading" ? words.reading : said}
      </p>
      {shares.value === "failed" && (
        <p class="trouble">
          {words.notRead} <button onClick={read}>{words.again}</button>
        </p>
      )}
      {typeof shares.value !== "string" && (
        <section aria-labelledby="share-own">
          <h3 id="share-own">{words.ofThis}</h3>
          {own?.length ? items(own, true) : <p class="hint">{words.none}</p>}
        </section>
      )}
      {others && others.length > 0 && (
        <section aria-labelledby="share-others">
          <h3 id="share-others">{words.ofOthers}</h3>
          {items(others, false)}
        </section>
      )}
    </dialog>
  );
}

/** The whole address of a link; the server does not know it where its operator has not told. */
function addressOf({ url }: Share): string | null {
  return url === null ? null : new URL(url, location.href).href;
}
