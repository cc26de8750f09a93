/** Promises of the copy button: it comes with the end of its block, copies the code and nothing else, and says so. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { announcements } from "../../state/announcer.ts";
import { words } from "./strings.ts";
import "../markdown/loaded.ts";
import { MarkdownView, decorated } from "../markdown/view.ts";

const CODE = "```\nlet x = 1;\n";
const writeText = vi.fn<(text: string) => Promise<void>>();

let root: HTMLElement;
let view: MarkdownView;

const button = () => root.querySelector<HTMLButtonElement>(".code > .head > button");
const said = () => announcements.value.at(-1)?.what;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  root = document.createElement("div");
  document.body.append(root);
  view = new MarkdownView(root, "m");
});

afterEach(() => {
  view.dispose();
  root.remove();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the button is there once the block is whole, and only once", async () => {
  view.update(CODE, false);
  await decorated();
  expect(root.querySelector(".head")?.textContent).toBe("text");
  expect(button()).toBeNull();
  view.update(`${CODE}\`\`\`\n\nAfter`, false);
  await decorated();
  expect(button()?.textContent).toBe("Copy code");
  view.update(`${CODE}\`\`\`\n\nAfter.`, true);
  await decorated();
  expect(root.querySelectorAll("button")).toHaveLength(1);
});

test("a block that the answer ended in has one too, also inside a list", async () => {
  view.update("- item\n\n  ```\n  x", true);
  await decorated();
  expect(button()).not.toBeNull();
});

test("it copies the code, says so for a while, and tells a screen reader", async () => {
  writeText.mockResolvedValue();
  view.update(CODE, true);
  await decorated();
  button()?.click();
  await vi.advanceTimersByTimeAsync(100);
  expect(writeText).toHaveBeenCalledWith("let x = 1;");
  expect(button()?.firstChild?.textContent).toBe(words.codeIsCopied);
  expect(said()).toBe("codeCopied");
  await vi.advanceTimersByTimeAsync(3_000);
  expect(button()?.firstChild?.textContent).toBe(words.copyCode);
});

test("where copying is refused it selects the code instead", async () => {
  writeText.mockRejectedValue(new DOMException("no", "NotAllowedError"));
  view.update(CODE, true);
  await decorated();
  button()?.click();
  await vi.advanceTimersByTimeAsync(100);
  expect(getSelection()?.toString()).toBe("let x = 1;\n");
  expect(said()).toBe("codeNotCopied");
});
