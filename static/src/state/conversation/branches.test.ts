/** Which messages of a session with several versions are shown. */
import { describe, expect, test } from "vitest";
import { branch, versionsOf } from "./branches.ts";

/** `"b<a"`: b, which follows a. */
function tree(...words: string[]) {
  return words.map((word) => {
    const [id = "", parentId = null] = word.split("<");
    return { id, parentId };
  });
}

function shown(messages: string[], choices: [string | null, string][] = []): string {
  return branch(tree(...messages), new Map(choices))
    .map(({ id }) => id)
    .join("");
}

const PLAIN = ["a", "b<a", "c<b", "d<c"];
/** b was answered again after d: e is its other version. */
const ANSWERED_AGAIN = [...PLAIN, "e<a"];
/** The first message was edited. */
const EDITED = [...PLAIN, "e", "f<e"];

describe("the branch that is shown", () => {
  test("is all there is where there are no versions", () => {
    expect(shown([])).toBe("");
    expect(shown(PLAIN)).toBe("abcd");
  });

  test("leads to the newest message", () => {
    expect(shown(ANSWERED_AGAIN)).toBe("ae");
    expect(shown(EDITED)).toBe("ef");
    expect(shown([...ANSWERED_AGAIN, "f<d"])).toBe("abcdf");
  });

  test("is the one the reader chose, and goes on to the newest below it", () => {
    expect(shown(ANSWERED_AGAIN, [["a", "b"]])).toBe("abcd");
    expect(shown(EDITED, [[null, "a"]])).toBe("abcd");
    expect(shown([...EDITED, "g<c"], [[null, "a"]])).toBe("abcg");
    expect(
      shown(
        [...EDITED, "g<c"],
        [
          [null, "a"],
          ["c", "d"],
        ],
      ),
    ).toBe("abcd");
  });

  test("stays where the reader is when something new comes elsewhere", () => {
    expect(shown([...ANSWERED_AGAIN, "f<e", "g<f"], [["a", "b"]])).toBe("abcd");
  });

  test("begins with what has been read so far", () => {
    expect(shown(["c<b", "d<c"])).toBe("cd");
    expect(shown(["c<b", "d<c", "e<a"])).toBe("e");
    expect(shown(["b<a", "c<b", "d<c", "e<a"])).toBe("e");
    expect(shown(["b<a", "c<b", "d<c", "e<a"], [["a", "b"]])).toBe("bcd");
  });

  test("forgets a choice that is not there", () => {
    expect(shown(PLAIN, [["a", "x"]])).toBe("abcd");
  });
});

test("the versions of a message are in the order of their making", () => {
  const messages = tree(...ANSWERED_AGAIN);
  const ids = (at: number) => versionsOf(messages, messages[at] ?? { id: "", parentId: "" }).map(({ id }) => id);
  expect(ids(4)).toEqual(["b", "e"]);
  expect(ids(0)).toEqual(["a"]);
  expect(ids(2)).toEqual(["c"]);
});
