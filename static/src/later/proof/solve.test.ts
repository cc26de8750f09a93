// @vitest-environment node
/** The search finds what a hash by somebody else confirms, and nothing before it. */
import { createHash } from "node:crypto";
import { expect, test, vi } from "vitest";
import { solve } from "./solve.ts";

/** How many zero bits the SHA-256 of `text` begins with, as Node reckons it. */
function zeros(text: string): number {
  return Math.clz32(createHash("sha256").update(text).digest().readUInt32BE());
}

test("a number that is known is found", () => {
  expect(solve("edgewise", 16)).toBe(13517);
});

vi.setConfig({ testTimeout: 30_000 });

test.each([8, 9, 10, 11, 12, 13, 14, 15, 16])("%s bits are found, at the first number that has them", (bits) => {
  const challenge = `a challenge of ${bits} bits`;
  const number = solve(challenge, bits);
  expect(zeros(`${challenge}.${number}`)).toBeGreaterThanOrEqual(bits);
  let first = 0;
  while (zeros(`${challenge}.${first}`) < bits) first += 1;
  expect(number).toBe(first);
});

test("every length of a challenge ends where its block does", () => {
  for (let length = 1; length < 200; length += 1) {
    const challenge = "c".repeat(length);
    expect(zeros(`${challenge}.${solve(challenge, 6)}`), `${length} characters`).toBeGreaterThanOrEqual(6);
  }
});

test("18 bits are found in time, also by a phone that is a quarter as quick", () => {
  solve("warm", 14);
  // The processor's time: the machine may be busy with other things.
  const before = process.cpuUsage().user;
  const number = solve("as quick as that", 18);
  const perSecond = (number + 1) / ((process.cpuUsage().user - before) / 1e6);
  // 2^18 tries in three seconds are 87,000 a second.
  expect(perSecond).toBeGreaterThan(4 * 87_000);
});
