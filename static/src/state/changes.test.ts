/** A late reply never overwrites what was done since. */
import { expect, test } from "vitest";
import { Changes } from "./changes.ts";

test("a reply asked for before the last change does not count, one asked for after it does", () => {
  const changes = new Changes();
  const before = changes.ask();
  changes.touch("a");
  expect(changes.accepts("a", before)).toBe(false);
  expect(changes.accepts("b", before), "what was not touched").toBe(true);
  expect(changes.accepts("a", changes.ask())).toBe(true);
});

test("of two replies the one asked for last wins, in whichever order they come", () => {
  const changes = new Changes();
  const [first, second] = [changes.ask(), changes.ask()];
  expect(changes.accepts("a", second)).toBe(true);
  expect(changes.accepts("a", first)).toBe(false);
  expect(changes.accepts("b", first)).toBe(true);
  expect(changes.accepts("b", second)).toBe(true);
});

test("while a change is on its way no reply counts, nor one asked for meanwhile", async () => {
  const changes = new Changes();
  let finish = (): void => undefined;
  const change = changes.during("a", () => new Promise<void>((resolve) => (finish = resolve)));
  const meanwhile = changes.ask();
  expect(changes.accepts("a", meanwhile)).toBe(false);
  finish();
  await change;
  expect(changes.accepts("a", meanwhile)).toBe(false);
  expect(changes.accepts("a", changes.ask())).toBe(true);
});

test("a change that fails ends, too", async () => {
  const changes = new Changes();
  await expect(changes.during("a", () => Promise.reject(new Error("offline")))).rejects.toThrow("offline");
  expect(changes.accepts("a", changes.ask())).toBe(true);
});

test("what was deleted stays so, however late it was asked for, until it is restored", () => {
  const changes = new Changes();
  changes.delete("a");
  expect(changes.accepts("a", changes.ask())).toBe(false);
  expect(changes.isDeleted("a")).toBe(true);
  const before = changes.ask();
  changes.restore("a");
  expect(changes.accepts("a", before)).toBe(false);
  expect(changes.accepts("a", changes.ask())).toBe(true);
});
