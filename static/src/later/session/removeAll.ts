/** Deletes several sessions, with one way back for all of them. */
import type { Session } from "../../api/types.ts";
import { strings } from "../../first/strings.ts";
import { announce } from "../../state/announcer.ts";
import { notify } from "../../state/notices.ts";
import { open, openSessionId } from "../../state/route.ts";
import { remove, restore } from "../../state/sessions.ts";
import type { Page } from "./page.ts";
import { words } from "./strings.ts";

/** How many calls are on their way at the same time. */
const AT_ONCE = 4;

/** Resolves when the server has heard of all of them; the way back is there then. */
export async function removeAll(page: Page, sessions: readonly Session[]): Promise<void> {
  const openBefore = sessions.find(({ id }) => id === openSessionId.value);
  if (openBefore) open(null);
  const { done, failures } = await forEach(sessions, remove);
  const [failure] = failures;
  if (failure) page.notifyProblem(words.notAllRemoved(failures.length, sessions.length))(failure.thrown);
  // What is open and stays is shown again, unless the visitor has gone on meanwhile.
  const showAgain = (those: readonly Session[]) => {
    if (openBefore && those.includes(openBefore) && openSessionId.peek() === null) open(openBefore.id);
  };
  showAgain(failures.map(({ item }) => item));
  if (done.length === 0) return;
  const undo = async () => {
    const back = await forEach(done, restore);
    if (back.done.length > 0) announce("notice", words.allBack(back.done.length));
    const [failed] = back.failures;
    if (failed) page.notifyProblem(words.notAllBack(back.failures.length, done.length))(failed.thrown);
    showAgain(back.done);
  };
  const [only] = done;
  const text =
    only && done.length === 1 ? strings.removed(only.title ?? strings.untitled) : words.allRemoved(done.length);
  notify({ kind: "done", text, action: { label: strings.undo, run: () => void undo(), isUndo: true } });
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
