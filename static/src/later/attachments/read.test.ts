/** Which files are text. */
import { expect, test } from "vitest";
import { LARGEST_FILE, decoded, textOf } from "./read.ts";

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
