/** Each example is a program that its language can read. */
import { execFileSync } from "node:child_process";
import ts from "typescript";
import { expect, test } from "vitest";
import { snippets } from "./snippets.ts";

const [ADDRESS, KEY, MODEL] = ["https://chat.example/v1", `ew_${"0aZ".repeat(10)}9Z`, `it's "a" $model`];
const [curl, python, javascript] = snippets(ADDRESS, KEY, MODEL).map(({ code }) => code);

test("the shell hands curl what it is to send", () => {
  const said = execFileSync("sh", ["-c", `curl() { printf '%s\\n' "$@"; }\n${curl}`], { encoding: "utf8" }).split("\n");
  expect(said[0]).toBe(`${ADDRESS}/chat/completions`);
  expect(said).toContain(`Authorization: Bearer ${KEY}`);
  expect(JSON.parse(said.at(-2) ?? "")).toEqual({ model: MODEL, messages: [{ role: "user", content: "Hello!" }] });
});

test("the JavaScript has no fault in its syntax, and names what is asked and with what", () => {
  const { diagnostics } = ts.transpileModule(javascript ?? "", { reportDiagnostics: true });
  expect(diagnostics).toEqual([]);
  for (const code of [python, javascript]) {
    for (const part of [ADDRESS, KEY, JSON.stringify(MODEL)]) expect(code).toContain(part);
  }
});
