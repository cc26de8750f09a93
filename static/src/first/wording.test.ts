/** How times are said: by the server's clock, in the visitor's own language, whose name goes with them. */
import { afterEach, expect, test } from "vitest";
import { ahead } from "../api/serverClock.ts";
import { strings } from "./strings.ts";
import { dateLanguage, languageOfTime, relativeTime } from "./wording.ts";

const DAY = 86_400_000;
afterEach(() => void (ahead.value = 0));

test("a time far away is a month of the server's calendar", () => {
  const month = (time: number) => new Intl.DateTimeFormat(undefined, { month: "long", year: "numeric" }).format(time);
  ahead.value = 400 * DAY;
  expect(relativeTime(-60 * DAY)).toBe(month(Date.now() + 340 * DAY));
});

test("a time that is near is said in the language that is told, but for the page's own words", () => {
  const words = new Intl.RelativeTimeFormat(dateLanguage(), { numeric: "auto" });
  expect([relativeTime(-5 * 60_000), languageOfTime(-5 * 60_000)]).toEqual([
    words.format(-5, "minute"),
    dateLanguage(),
  ]);
  expect([relativeTime(0), languageOfTime(0)]).toEqual([strings.justNow, undefined]);
});
