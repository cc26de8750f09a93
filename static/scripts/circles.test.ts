// @vitest-environment node
/** The rule against import circles finds those that are made by hand, and nothing else. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "circles-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** What the rule says of files with these texts, and its exit status. */
function checked(files: Record<string, string>): [number | null, string] {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const script = join(import.meta.dirname, "circles.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, folder], { encoding: "utf8" });
  return [status, (stdout + stderr).split("\n")[0] ?? ""];
}

test.each([
  ["two files", { "a.ts": 'import { b } from "./b.ts";', "b.ts": 'import { a } from "./a.ts";' }, "a.ts → b.ts → a.ts"],
  [
    "three, by a type, an export and an import()",
    {
      "a.ts": 'import type { B } from "./b.tsx";',
      "b.tsx": 'export * from "./c.ts";',
      "c.ts": 'export const a = () => import("./a.ts");',
    },
    "a.ts → b.tsx → c.ts → a.ts",
  ],
])("a circle of %s is named", (_, files, circle) => {
  expect(checked(files)).toEqual([1, `These files import each other: ${circle}`]);
});

test("one way is no circle", () => {
  const files = {
    "a.ts": 'import "./b.ts"; import "./c.ts";',
    "b.ts": 'import "./c.ts";',
    "c.ts": "// import './a.ts'",
  };
  expect(checked(files)).toEqual([0, "no circle among 3 files"]);
});
