import { expect, test } from "vitest";
import { trimmed } from "./draft.ts";

test("what is blank is not sent, and rows without a name neither", () => {
  const sent = trimmed({
    instructions: " \n",
    preferences: { language: " de ", tone: "", name: null },
    tasks: [
      { title: " ", status: "open", due: "2026-12-01" },
      { title: "write", status: "done", due: "" },
    ],
    groups: [{ name: "" }, { name: "4b" }],
  });
  expect(sent).toEqual({
    instructions: null,
    preferences: { language: "de", tone: null, name: null },
    tasks: [{ title: "write", status: "done", due: null }],
    groups: [{ name: "4b" }],
  });
});
