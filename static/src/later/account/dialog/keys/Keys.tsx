/** The API keys of an account: making one, what programs need beside it, and revoking it. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Problem, ProblemCode } from "../../../../api/problem.ts";
import { serverNow } from "../../../../api/serverClock.ts";
import type { ApiKey, MadeApiKey } from "../../../../api/types.ts";
import type { Wording } from "../../wording.ts";
import { Again } from "../Again.tsx";
import { explainHere } from "../explain.ts";
import { useFresh } from "../fresh.ts";
import { KeptList, type Open } from "../KeptList.tsx";
import { Progress } from "../Progress.tsx";
import { words as common } from "../strings.ts";
import type { Ways } from "../ways.ts";
import { ADDRESS, listKeys, makeKey, revokeKey } from "./calls.ts";
import { Copyable } from "./Copyable.tsx";
import { MadeKey, NewKey } from "./NewKey.tsx";
import { words } from "./strings.ts";

interface Props {
  ways: Ways;
  wording: Wording;
}

export function Keys({ ways, wording }: Props) {
  const keys = useSignal<ApiKey[] | null>(null);
  const isMaking = useSignal(false);
  const made = useSignal<MadeApiKey | null>(null);
  const open = useSignal<Open>(null);
  const said = useSignal("");
  const heading = useRef<HTMLHeadingElement>(null);
  const { isBusy, problem, run, again } = useFresh();
  /** What was used is gone: the focus has to be somewhere. */
  const close = (told = "") => {
    isMaking.value = false;
    open.value = null;
    again.value = null;
    problem.value = null;
    said.value = told;
    heading.current?.focus();
  };
  const kept = () => {
    made.value = null;
    close();
  };
  const read = () => run(async () => void (keys.value = await listKeys()));
  // Before the browser paints: it does not look read for a moment.
  useLayoutEffect(read, []);
  const make = (name: string, days: number) =>
    run(async () => {
      const { key, ...about } = await makeKey(name, days);
      said.value = "";
      isMaking.value = false;
      made.value = { key, ...about };
      // Those that have ended have made room for it.
      keys.value = [...(keys.value ?? []).filter((one) => !hasEnded(one)), about];
    });
  const revoke = ({ id, name }: ApiKey) =>
    run(async () => {
      await revokeKey(id);
      keys.value = keys.value?.filter((one) => one.id !== id) ?? null;
      if (made.peek()?.id === id) made.value = null;
      close(words.revoked(name));
    });
  const all = keys.value;
  return (
    <section aria-labelledby="account-keys">
      <h3 id="account-keys" ref={heading} tabIndex={-1}>
        {words.title}
      </h3>
      <p class="hint">{words.note}</p>
      <p class="hint">{words.address}</p>
      <Copyable what={words.address} text={ADDRESS} onSaid={(told) => (said.value = told)} />
      <KeptList
        all={all}
        none={words.none}
        isBusy={isBusy.value}
        problem={problem.value && explainKeys(problem.value, wording)}
        open={open}
        nameOf={({ name }) => name}
        historyOf={(one) => history(one, wording)}
        removing={{
          act: words.revoke,
          that: words.revokeThat,
          question: words.confirmRevoke,
          keep: words.keep,
          onAct: revoke,
          onKeep: () => close(),
        }}
        onOpen={() => (said.value = "")}
        onRead={read}
      />
      {again.value && <Again ways={ways} wording={wording} onCancel={() => close()} onDone={again.value} />}
      {made.value && (
        <MadeKey key={made.value.id} made={made.value} onSaid={(told) => (said.value = told)} onKept={kept} />
      )}
      <Progress isBusy={isBusy.value && all !== null} words={common.waiting} />
      <p class="hint" role="status">
        {said}
      </p>
      {isMaking.value && !again.value && <NewKey isBusy={isBusy.value} onMake={make} onCancel={() => close()} />}
      {!isMaking.value && !made.value && all && (
        <div class="account-ends">
          <button
            onClick={() => {
              isMaking.value = true;
              said.value = "";
            }}
          >
            {words.make}
          </button>
        </div>
      )}
    </section>
  );
}

const problems: Partial<Record<ProblemCode, string>> = words.problems;

function explainKeys(problem: Problem, wording: Wording): string {
  return problems[problem.code] ?? explainHere(problem, wording);
}

function hasEnded({ expires_at }: ApiKey): boolean {
  return expires_at !== null && Date.parse(expires_at) <= serverNow();
}

function history(one: ApiKey, { relativeTime }: Wording): string {
  const { created_at, used_on, expires_at } = one;
  const now = serverNow();
  const away = (time: string) => relativeTime(Date.parse(time) - now);
  const isToday = used_on === new Date(now).toISOString().slice(0, 10);
  const used = isToday ? words.usedToday : used_on ? words.used(away(used_on)) : words.unused;
  const ends = expires_at ? (hasEnded(one) ? words.ended : words.endsIn(away(expires_at))) : words.endless;
  return [words.made(relativeTime(Math.min(0, Date.parse(created_at) - now))), used, ends].join(", ");
}
