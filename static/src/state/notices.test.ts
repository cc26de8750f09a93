/** What can be undone, and what only looks like it. */
import { expect, test, vi } from "vitest";
import { notices, notify, undoLast } from "./notices.ts";

test("Undo takes back what was done, and presses no other button; the same words stand there once", () => {
  const [undo, reload] = [vi.fn(), vi.fn()];
  notify({ kind: "done", text: "Deleted.", action: { label: "Undo", run: undo, isUndo: true } });
  notify({ kind: "done", text: "Deleted.", action: { label: "Undo", run: undo, isUndo: true } });
  for (let times = 0; times < 3; times++)
    notify({ kind: "problem", text: "There is a newer one.", action: { label: "Reload", run: reload } });
  expect(notices.value.map(({ text }) => text)).toEqual(["Deleted.", "Deleted.", "There is a newer one."]);
  expect([undoLast(), undoLast(), undoLast()]).toEqual([true, true, false]);
  expect(undo).toHaveBeenCalledTimes(2);
  expect(reload).not.toHaveBeenCalled();
});
