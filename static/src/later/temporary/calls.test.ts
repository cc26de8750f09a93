import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { context } from "./calls.ts";

const message = (role: "user" | "assistant", text: string) => ({ role, text: signal(text) });
const contents = (...messages: Parameters<typeof context>[0]) => context(messages, "now").map(({ content }) => content);

describe("what goes along with a message", () => {
  it("is questions with their answers, in turn", () => {
    const [asked, answered] = [message("user", "one"), message("assistant", "two")];
    expect(contents()).toEqual([]);
    expect(contents(asked, answered)).toEqual(["one", "two"]);
    expect(contents(asked, answered, message("user", "unanswered"))).toEqual(["one", "two"]);
    expect(contents(asked, message("assistant", ""), message("user", "again"), answered)).toEqual(["again", "two"]);
  });

  it("is the newest that have room, in bytes and in number", () => {
    const long = "é".repeat(14_000);
    const pairs = [1, 2, 3].flatMap((number) => [message("user", String(number)), message("assistant", long)]);
    expect(contents(...pairs)).toEqual(["2", long, "3", long]);
    const many = Array.from({ length: 300 }, (_, at) => message(at % 2 === 0 ? "user" : "assistant", String(at)));
    expect(contents(...many)).toHaveLength(200);
    expect(contents(...many).at(-1)).toBe("299");
  });
});
