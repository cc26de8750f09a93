import { expect, test } from "vitest";
import { timesIn } from "./times.ts";

const answer = (times: Record<string, number>) => ({
  serverTiming: Object.entries(times).map(([name, duration]) => ({ name, duration, description: "" })),
});

test("the times are those of the last answer of a model, whatever was asked for after it", () => {
  const answers = [
    answer({ admit: 1, model: 300 }),
    answer({ admit: 2.4, db: 9.6, model: 480 }),
    answer({ db: 3 }),
    answer({}),
    {},
  ];
  expect(timesIn(answers as PerformanceResourceTiming[])).toBe("admit 2 ms · db 10 ms · model 480 ms");
  expect(timesIn([])).toBeUndefined();
});
