/** What is being written: with texts where the API has none, and without the rows that are empty when it is sent. */
import { claimsOf } from "../../api/claims.ts";
import { keptToken } from "../../api/token.ts";
import type { UserContext } from "../../api/types.ts";
import type { Kept } from "./calls.ts";

export type Task = UserContext["tasks"][number];

/** The API's limits. */
export const MOST = { instructions: 1000, word: 100, title: 200, tasks: 50, groups: 20 };

/** As it is sent: what is blank is not there. */
export function trimmed({ instructions, preferences, tasks, groups }: UserContext): UserContext {
  const text = (value: string | null | undefined) => (value?.trim() ? value.trim() : null);
  const { language, tone, name } = preferences;
  return {
    instructions: text(instructions),
    preferences: { language: text(language), tone: text(tone), name: text(name) },
    tasks: tasks
      .filter(({ title }) => title.trim())
      .map((task) => ({ ...task, due: task.due === "" ? null : (task.due ?? null) })),
    groups: groups.filter(({ name }) => name.trim()),
  };
}

const owner = () => claimsOf(keptToken()).sub;
let left: { kept: Kept; by: string | undefined } | null = null;

/** Keeps what was written and not saved until the dialog is opened again in this page, for whom it is. */
export function leave(kept: Kept | null): void {
  left = kept && { kept, by: owner() };
}

/** What the same visitor has left. */
export const leftBefore = (): Kept | null => (left && left.by === owner() ? left.kept : null);
