/** No handler hears a key that an input method takes. The linter finds those that do not use this. */
import { expect, test } from "vitest";
import { keys, onKeys } from "./keys.ts";

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
