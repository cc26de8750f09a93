/** No handler hears a key that an input method takes. The linter finds those that do not use this. */
import { expect, test } from "vitest";
import { isLetter, keys, onKeys } from "./keys.ts";

const press = (init: KeyboardEventInit, code = 0) =>
  Object.defineProperty(new KeyboardEvent("keydown", { bubbles: true, ...init }), "keyCode", { value: code });

test("keys of a composition are heard by nobody", () => {
  const heard: string[] = [];
  const handle = keys(({ key }: KeyboardEvent) => void heard.push(key));
  handle(press({ key: "Escape", isComposing: true }));
  handle(press({ key: "Enter" }, 229));
  handle(press({ key: "Enter" }, 13));
  expect(heard).toEqual(["Enter"]);
});

test("nor wherever they are pressed, until it ends", () => {
  const heard: string[] = [];
  const end = onKeys(({ key }) => void heard.push(key));
  dispatchEvent(press({ key: "Escape" }, 229));
  dispatchEvent(press({ key: "Escape" }));
  end();
  dispatchEvent(press({ key: "Escape" }));
  expect(heard).toEqual(["Escape"]);
});

test("a letter is known in capitals and on keyboards of other letters, and not where another Latin one lies", () => {
  const is = (key: string, code: string) => isLetter(press({ key, code }), "z");
  expect([is("z", "KeyZ"), is("Z", "KeyZ"), is("я", "KeyZ"), is("ζ", "KeyZ"), is("ئ", "KeyZ")]).toEqual(
    Array<boolean>(5).fill(true),
  );
  expect([is("z", "KeyY"), is("y", "KeyZ"), is(";", "KeyZ"), is("Enter", "Enter")]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
