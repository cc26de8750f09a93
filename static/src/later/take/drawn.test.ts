import decode from "qr/decode.js";
import { expect, test } from "vitest";
import { drawn } from "./drawn.ts";

const MARGIN = 4;
const SCALE = 4;

/** What a camera would see. */
function picture(text: string): { width: number; height: number; data: Uint8Array } {
  const { size, path } = drawn(text);
  const width = (size + 2 * MARGIN) * SCALE;
  const data = new Uint8Array(width * width * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let down = 0; down < SCALE; down++)
      for (let right = 0; right < SCALE; right++) {
        const at = ((Number(y) + MARGIN) * SCALE + down) * width + (Number(x) + MARGIN) * SCALE + right;
        data.fill(0, at * 4, at * 4 + 3);
      }
  return { width, height: width, data };
}

test.each([
  "http://localhost:8787/#take=AAAAAAAAAAAAAAAAAAAAAA",
  "https://chat.example/#take=Zm9vYmFyZm9vYmFyZm9vYg",
  `https://${"a-long-name.".repeat(8)}example/#take=-_-_-_-_-_-_-_-_-_-_-_`,
])("another reader of QR codes reads %s", (link) => {
  expect(decode(picture(link))).toBe(link);
});
