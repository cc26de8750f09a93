import { expect, test, vi } from "vitest";
import { beginAnew } from "./beginAnew.ts";

test("a step back that calls it off has it begun again", () => {
  const replace = vi.fn();
  vi.stubGlobal("location", { replace });
  beginAnew();
  dispatchEvent(new PopStateEvent("popstate"));
  expect(replace.mock.calls).toEqual([["/"], ["/"]]);
});
