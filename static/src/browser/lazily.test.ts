/** Promises of loading on demand: what failed once is asked for elsewhere, and what is gone is told. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lazily, notLoaded, onLoss } from "./lazily.ts";

const FILE = "https://edgewise.example/assets/markdown-AbCd1234.js";
const failed = (file: string) => new TypeError(`Failed to fetch dynamically imported module: ${file}`);
const lost = vi.fn();
const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  vi.stubGlobal("fetch", fetched);
  lost.mockReset();
  fetched.mockReset();
  onLoss(lost);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a script that failed is asked for under another address each time", async () => {
  fetched.mockRejectedValue(new TypeError("no network"));
  const addresses: (string | undefined)[] = [];
  const loading = lazily(() => {
    addresses.push(window.again?.["./markdown-AbCd1234.js"]);
    return addresses.length < 3 ? Promise.reject(failed(FILE)) : Promise.resolve("here");
  });
  await vi.runAllTimersAsync();
  expect(await loading).toBe("here");
  expect(addresses[0]).toBeUndefined();
  expect(new Set(addresses).size).toBe(3);
  expect(lost).not.toHaveBeenCalled();
});

test("a style sheet that failed is put into the page anew", async () => {
  fetched.mockRejectedValue(new TypeError("no network"));
  document.head.innerHTML = '<link rel="stylesheet" href="/assets/maths-AbCd1234.css">';
  const links: number[] = [];
  const loading = lazily(() => {
    links.push(document.querySelectorAll("link").length);
    return links.length < 2
      ? Promise.reject(new Error("Unable to preload CSS for /assets/maths-AbCd1234.css"))
      : Promise.resolve();
  });
  await vi.runAllTimersAsync();
  await loading;
  expect(links).toEqual([1, 0]);
});

test.each([
  ["is gone", () => new Response("", { status: 404 })],
  ["has the page in its place", () => new Response("", { headers: { "content-type": "text/html" } })],
])("where the file %s it is not tried for long, and told", async (_, response) => {
  fetched.mockImplementation(() => Promise.resolve(response()));
  const load = vi.fn(() => Promise.reject(failed(FILE)));
  const loading = expect(lazily(load)).rejects.toThrow("markdown-AbCd1234");
  await vi.runAllTimersAsync();
  await loading;
  expect(load).toHaveBeenCalledTimes(1);
  expect(lost).toHaveBeenCalledTimes(1);
});

test("however many files are gone, it is told once", async () => {
  fetched.mockImplementation(() => Promise.resolve(new Response("", { status: 404 })));
  const loading = ["a", "b"].map((name) =>
    expect(lazily(() => Promise.reject(failed(FILE.replace("markdown", name))))).rejects.toThrow(),
  );
  await vi.runAllTimersAsync();
  await Promise.all(loading);
  expect(lost).toHaveBeenCalledTimes(1);
});

test("without a network it ends, says nothing, and may be called again", async () => {
  fetched.mockRejectedValue(new TypeError("no network"));
  const load = vi.fn(() => Promise.reject(failed(FILE)));
  const loading = expect(lazily(load)).rejects.toThrow();
  await vi.runAllTimersAsync();
  await loading;
  expect(load).toHaveBeenCalledTimes(4);
  expect(lost).not.toHaveBeenCalled();
  expect(await lazily(() => Promise.resolve(1))).toBe(1);
});

test.each([
  ["another page has taken this one's place", "index-New00000.js", 1],
  ["the page is still the same", "index-AbCd1234.js", 0],
])("where the browser does not say which file it was, and %s", async (_, script, times) => {
  document.head.innerHTML = '<script type="module" src="/assets/index-AbCd1234.js"></script>';
  fetched.mockImplementation(() => Promise.resolve(new Response(`<script type="module" src="/assets/${script}">`)));
  const loading = expect(
    lazily(() => Promise.reject(new TypeError("Importing a module script failed."))),
  ).rejects.toThrow();
  await vi.runAllTimersAsync();
  await loading;
  expect(lost).toHaveBeenCalledTimes(times);
});

test.each([
  [404, 1],
  [503, 0],
])("of a worker's file that answers %s it is told accordingly", async (status, times) => {
  fetched.mockResolvedValue(new Response("", { status }));
  await notLoaded("/assets/solver-AbCd1234.js");
  expect(lost).toHaveBeenCalledTimes(times);
});
