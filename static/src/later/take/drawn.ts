/** A text as the dark modules of a QR code. */
import { generate } from "lean-qr/nano";

/** `path` has a square of one for each of them, in a square of `size`. */
export function drawn(text: string): { size: number; path: string } {
  const code = generate(text);
  const each = Array.from({ length: code.size }, (_, at) => at);
  const row = (y: number) => each.map((x) => (code.get(x, y) ? `M${x} ${y}h1v1h-1z` : "")).join("");
  return { size: code.size, path: each.map(row).join("") };
}
