/** Blocks of code around any text. */
import { expect, test } from "vitest";
import { fenceAround } from "./fence.ts";

test.each([
  ["", "```"],
  ["a `b` c", "```"],
  ["```js\nlet a;\n```", "````"],
  ["`\n`````\n```", "``````"],
])("nothing in %j ends its block", (text, fence) => {
  expect(fenceAround(text)).toBe(fence);
});
