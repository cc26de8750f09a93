/** Shows a code for another device, and the way back to this browser's own chats. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Problem } from "../../api/problem.ts";
import { serverNow } from "../../api/serverClock.ts";
import { isCopied } from "../../browser/clipboard.ts";
import { now } from "../../state/clock.ts";
import type { Wording } from "../account/wording.ts";
import { offer } from "./calls.ts";
import { explainHere } from "./explain.ts";
import { goBack, hasOwn } from "./own.ts";
import { Picture } from "./Picture.tsx";
import { words } from "./strings.ts";

interface Offered {
  link: string;
  /** How long it lasts, and when it ends, in milliseconds. */
  life: number;
  endsAt: number;
}

export function Give({ wording }: { wording: Wording }) {
  const offered = useSignal<Offered | null>(null);
  const problem = useSignal<Problem | null>(null);
  const make = () => {
    offered.value = null;
    problem.value = null;
    offer().then(
      ({ code, expires_in }) => {
        const link = `${location.origin}/#take=${code}`;
        const life = expires_in * 1000;
        offered.value = { link, life, endsAt: serverNow() + life };
      },
      (thrown: unknown) => (problem.value = Problem.from(thrown)),
    );
  };
  useEffect(make, []);
  const one = offered.value;
  // The clock of the page is a second behind at the most.
  const left = one ? Math.min(one.life, one.endsAt - now.value) : 0;
  const isOver = one !== null && left <= 0;
  return (
    <>
      <p class="take-problem trouble" role="alert">
        {problem.value && explainHere(problem.value, wording)}
      </p>
      {!one && !problem.value && <p class="hint">{words.loading}</p>}
      {one && !isOver && (
        <>
          <p class="hint">{words.giveNote}</p>
          <Picture text={one.link} />
          <Link link={one.link} />
          <p class="hint">
            {words.left(wording.duration(left))} {words.secret}
          </p>
        </>
      )}
      {isOver && <p role="status">{words.over}</p>}
      {(isOver || problem.value) && (
        <button class="main-choice" onClick={make}>
          {words.another}
        </button>
      )}
      {hasOwn() && (
        <section aria-labelledby="take-own">
          <h3 id="take-own">{words.own}</h3>
          <p class="hint">{words.ownNote}</p>
          <button onClick={goBack}>{words.back}</button>
        </section>
      )}
    </>
  );
}

function Link({ link }: { link: string }) {
  const field = useRef<HTMLInputElement>(null);
  const said = useSignal("");
  const copy = async () => {
    const copied = await isCopied(link);
    if (!copied) field.current?.select();
    said.value = copied ? words.copied : words.notCopied;
  };
  return (
    <>
      <input class="take-link" ref={field} readOnly value={link} aria-label={words.link} />
      <button class="main-choice" onClick={() => void copy()}>
        {words.copy}
      </button>
      <p class="hint" role="status">
        {said}
      </p>
    </>
  );
}
