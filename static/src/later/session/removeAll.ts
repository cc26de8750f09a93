/** Deletes several sessions, with one way back for all of them. */
import { Problem } from "../../api/problem.ts";
import { serverNow } from "../../api/serverClock.ts";
import { deleteSession } from "../../api/sessions.ts";
import type { Session } from "../../api/types.ts";
import { strings } from "../../first/strings.ts";
import { announce } from "../../state/announcer.ts";
import { notify } from "../../state/notices.ts";
import { open, openSessionId } from "../../state/route.ts";
import { remove, restore, takeOff } from "../../state/sessions.ts";
import type { Page } from "./page.ts";
import { words } from "./strings.ts";

/** How many calls are on their way at the same time. */
const AT_ONCE = 4;
/** How long a refusal because there were too many is waited for that names no time, and how long a call waits in all, in milliseconds: a minute's limit may say ten seconds several times. */
const PAUSE_MS = 60_000;
const LONGEST_WAIT_MS = 180_000;

/** Resolves when the server has heard of all of them; the way back is there then. */
export async function removeAll(page: Page, sessions: readonly Session[]): Promise<void> {
  const openBefore = sessions.find(({ id }) => id === openSessionId.value);
  if (openBefore) open(null);
  // All at once: those that wait for their turn could still be opened, and be gone a moment later.
  takeOff(...sessions);
  const { done, failures } = await forEach(sessions, (session) =>
    remove(session, (id) => patiently(() => deleteSession(id))),
  );
  const [failure] = failures;
  if (failure) page.notifyProblem(words.notAllRemoved(failures.length, sessions.length))(failure.thrown);
  // What is open and stays is shown again, unless the visitor has gone on meanwhile.
  const showAgain = (those: readonly Session[]) => {
    if (openBefore && those.includes(openBefore) && openSessionId.peek() === null) open(openBefore.id);
  };
  showAgain(failures.map(({ item }) => item));
  if (done.length === 0) return;
  const bringBack = async (those: readonly Session[]) => {
    const back = await forEach(those, (session) => patiently(() => restore(session)));
    if (back.done.length > 0) announce("notice", words.allBack(back.done.length));
    showAgain(back.done);
    const [failed] = back.failures;
    if (!failed) return;
    const said = words.notAllBack(back.failures.length, those.length);
    const left = back.failures.map(({ item }) => item);
    offerUndo("problem", `${said} ${page.explain(Problem.from(failed.thrown))}`, left);
  };
  const offerUndo = (kind: "done" | "problem", text: string, those: readonly Session[]) => {
    notify({ kind, text, action: { label: strings.undo, run: () => void bringBack(those), isUndo: true } });
  };
  const [only] = done;
  const text =
    only && done.length === 1 ? strings.removed(only.title ?? strings.untitled) : words.allRemoved(done.length);
  offerUndo("done", text, done);
}

/** Until when the server refuses, by its clock. */
let pausedUntil = 0;

/** Makes a call; where there were too many in a short time, it waits until it may go on. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (const latest = serverNow() + LONGEST_WAIT_MS; ;) {
    // It may have become longer meanwhile.
    for (let left = pausedUntil - serverNow(); left > 0; left = pausedUntil - serverNow())
      await new Promise((resolve) => setTimeout(resolve, left));
    try {
      return await call();
    } catch (thrown) {
      const { code, retryAt = serverNow() + PAUSE_MS } = Problem.from(thrown);
      if (code !== "rate_limited" || retryAt > latest) throw thrown;
      pausedUntil = Math.max(pausedUntil, retryAt);
    }
  }
}

interface Outcome<T> {
  done: T[];
  failures: { item: T; thrown: unknown }[];
}

/** Acts on each, some at the same time. One that fails keeps none of the others from being tried. */
async function forEach<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<Outcome<T>> {
  const outcome: Outcome<T> = { done: [], failures: [] };
  const waiting = items.values();
  const work = async () => {
    for (const item of waiting)
      await act(item).then(
        () => outcome.done.push(item),
        (thrown: unknown) => outcome.failures.push({ item, thrown }),
      );
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return outcome;
}
