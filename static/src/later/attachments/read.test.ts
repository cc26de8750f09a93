/** Which files are text. */
import { expect, test, vi } from "vitest";
import { LARGEST_FILE, MOST_ATTACHED, decoded, pasted, readAll, textOf } from "./read.ts";
import { words } from "./strings.ts";

const utf16 = (text: string) => new Uint8Array(Uint16Array.from(`\ufeff${text}`, (each) => each.charCodeAt(0)).buffer);

test.each<[string, Uint8Array, object]>([
  ["UTF-8", new TextEncoder().encode("Grüße 😀\n"), { text: "Grüße 😀\n" }],
  ["UTF-8 with a mark", new TextEncoder().encode("\ufeffa"), { text: "a" }],
  ["nothing", new Uint8Array(), { refusal: "empty" }],
  ["blanks", new TextEncoder().encode(" \n\t"), { refusal: "empty" }],
  ["a picture", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13), { refusal: "notText" }],
  ["zeros", Uint8Array.of(65, 0, 66), { refusal: "notText" }],
  ["Latin-1", Uint8Array.of(0x47, 0x72, 0xfc, 0xdf, 0x65), { refusal: "notUtf8" }],
  ["UTF-16", utf16("Hello"), { refusal: "notUtf8" }],
  ["half a character", Uint8Array.of(0x61, 0xe2, 0x82), { refusal: "notUtf8" }],
])("%s", (_, bytes, expected) => {
  expect(decoded(bytes)).toEqual(expected);
});

test("a file that is too large is not read, one that cannot be read says so", async () => {
  const file = (size: number, arrayBuffer: () => Promise<ArrayBuffer>) => ({ size, arrayBuffer }) as File;
  const letters = () => Promise.resolve(new Uint8Array(LARGEST_FILE).fill(65).buffer);
  const fail = () => Promise.reject(new Error("a folder"));
  expect(await textOf(file(LARGEST_FILE + 1, fail))).toEqual({ refusal: "tooLarge" });
  expect(await textOf(file(LARGEST_FILE, letters))).toEqual({ text: "A".repeat(LARGEST_FILE) });
  expect(await textOf(file(0, fail))).toEqual({ refusal: "unreadable" });
});

test("no more files are read than there is room for, and a paste is bounded as they are", async () => {
  const files = Array.from({ length: MOST_ATTACHED + 2 }, (_, at) => {
    const arrayBuffer = vi.fn(() => Promise.resolve(Uint8Array.of(65).buffer));
    return { name: `${at}.txt`, size: 1, arrayBuffer };
  });
  const all = await readAll(files as unknown as File[], MOST_ATTACHED);
  const refused = all.filter(({ read }) => "refusal" in read && read.refusal === "tooMany");
  expect(refused.map(({ name }) => name)).toEqual(["20.txt", "21.txt"]);
  expect(files.filter(({ arrayBuffer }) => arrayBuffer.mock.calls.length > 0)).toHaveLength(MOST_ATTACHED);
  expect(pasted("x".repeat(LARGEST_FILE), 1)).toHaveProperty("text");
  // In bytes, as a file.
  expect(pasted("ü".repeat(LARGEST_FILE / 2 + 1), 1)).toEqual({ refusal: "tooLarge" });
  expect(pasted("x", 0)).toEqual({ refusal: "tooMany" });
});

test("three are named, and the others counted", () => {
  const names = (count: number) => Array.from({ length: count }, (_, at) => `${at}`);
  const bare = (text: string) => text.replace(/[\u2066-\u2069]/g, "");
  expect(bare(words.attached(names(3)))).toBe("Attached: “0”, “1”, “2”.");
  expect(bare(words.attached(names(20)))).toBe("Attached: “0”, “1”, “2” and 17 more.");
  expect(bare(words.misfit(names(5), "4,000"))).toContain("do not fit: “0”, “1”, “2” and 2 more.");
});
