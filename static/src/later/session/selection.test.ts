/** Which sessions are selected. */
import { expect, test } from "vitest";
import { open } from "../../state/route.ts";
import { sessions } from "../../state/sessions.ts";
import { begin, choose, chooseAll, end, isSelecting, range, selected, takeAlong } from "./selection.ts";

const list = Array.from("abcdef", (id) => ({ id, title: id, created_at: id, updated_at: id }));
function session(id: string) {
  const found = list.find((each) => each.id === id);
  if (!found) throw new Error(`there is no ${id}`);
  return found;
}
const ids = () => selected.value.map(({ id }) => id).join("");

test("a range goes either way, and is one row where its beginning is gone", () => {
  expect(range(["a", "b", "c", "d"], "b", "d")).toEqual(["b", "c", "d"]);
  expect(range(["a", "b", "c", "d"], "c", "a")).toEqual(["a", "b", "c"]);
  expect(range(["a", "b"], "gone", "b")).toEqual(["b"]);
});

test("rows are selected and let go one by one, in ranges, and all at once", () => {
  sessions.value = list;
  begin(session("b"));
  expect(ids()).toBe("b");
  choose(session("d"), true, true);
  expect(ids()).toBe("bcd");
  choose(session("c"), false, false);
  expect(ids()).toBe("bd");
  choose(session("f"), true, true);
  expect(ids()).toBe("bcdef");
  choose(session("e"), false, true);
  expect(ids()).toBe("bcd");
  chooseAll();
  expect(ids()).toBe("abcdef");
  chooseAll();
  expect(ids()).toBe("");
  expect(isSelecting.value).toBe(true);
});

test("from row to row what is taken along begins where the focus is, wherever something was chosen last", () => {
  sessions.value = list;
  begin(session("a"));
  choose(session("d"), true, false);
  choose(session("f"), true, false);
  // The focus has gone to d without a choice.
  takeAlong(session("d"), session("c"));
  expect(ids()).toBe("acdf");
  takeAlong(session("b"), session("c"));
  expect(ids()).toBe("adf");
  takeAlong(session("d"), session("f"));
  expect(ids()).toBe("adef");
});

test("another chat that is opened ends it, in whichever way", () => {
  sessions.value = list;
  begin(session("b"));
  open("c");
  expect(isSelecting.value).toBe(false);
  begin(session("b"));
  open(null);
  expect(isSelecting.value).toBe(false);
});

test("what was deleted elsewhere is not selected any more, and Back ends it", () => {
  sessions.value = list;
  begin(session("b"));
  choose(session("c"), true, false);
  sessions.value = list.filter(({ id }) => id !== "b");
  expect(ids()).toBe("c");
  dispatchEvent(new PopStateEvent("popstate"));
  expect(isSelecting.value).toBe(false);
  choose(session("c"), true, false);
  end();
  expect(ids()).toBe("");
});
