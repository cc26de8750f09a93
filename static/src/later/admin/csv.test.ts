import { expect, test } from "vitest";
import { csv } from "./csv.ts";
import { sheet } from "./sheet.ts";
import type { Overview } from "./shapes.ts";

test("cells are quoted where they must be, and numbers stay numbers", () => {
  expect(csv([["a", 'say "x"', "1,5", "two\r\nlines", null, -0.5, 12]])).toBe(
    'a,"say ""x""","1,5","two\r\nlines",,-0.5,12\r\n',
  );
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n@x"])("%j is a text and no formula", (text) => {
  expect(csv([[text]])).toBe(`"'${text}"\r\n`);
});

const OVERVIEW: Overview = {
  from: "2026-11-27T10:00:00Z",
  to: "2026-11-28T10:00:00Z",
  messages: { completed: 8, stopped: 1, interrupted: 0, failed: 1 },
  success_rate: 0.9,
  users: { active: 3, new_guests: 2, new_accounts: 1 },
  ttft_ms: { p50: 200, p95: 900, p99: 1200 },
  duration_ms: null,
  refusals: [{ code: "rate_limited", count: 4 }],
  failures: [{ code: "provider_error", count: 1 }],
  models: [{ model: "=evil", answers: 9, prompt_tokens: 100, completion_tokens: 200, usd: 0.25 }],
  feedback: [{ model: "=evil", up: 5, down: 2 }],
  hours: [{ at: "2026-11-28T09:00:00Z", messages: 9, failed: 1, ttft_p95_ms: null }],
  budget: null,
  storage: { rows: 20, bytes: 4096, limit_bytes: null },
  breaker: { state: "closed", times_opened: 0 },
  busiest: [{ user_id: "u1", messages: 9, tokens: 300 }],
};

test("a sheet has a line for each figure that is shown, by the names of the API", () => {
  const lines = csv(sheet(OVERVIEW)).split("\r\n");
  expect(lines[0]).toBe("section,item,figure,value");
  for (const line of [
    "span,,from,2026-11-27T10:00:00Z",
    "messages,,failed,1",
    `feedback,"'=evil",up,5`,
    "messages,,success_rate,0.9",
    "ttft_ms,,p95,900",
    "refusals,rate_limited,count,4",
    `models,"'=evil",usd,0.25`,
    "storage,,limit_bytes,",
    "breaker,,state,closed",
    "hours,2026-11-28T09:00:00Z,messages,9",
    "busiest,u1,tokens,300",
  ])
    expect(lines).toContain(line);
  expect(lines.some((line) => /^(?:budget|duration_ms)/.test(line))).toBe(false);
});
