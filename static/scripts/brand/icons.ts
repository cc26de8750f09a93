/** The pictures that systems ask for, drawn of a face's logo. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Resvg, initWasm } from "@resvg/resvg-wasm";

/** Of a maskable icon's width, which a system cuts to its own shape: a square within the middle 80 %, which is always seen. */
const SAFE = 0.56;
/** For what asks for favicon.ico without having read the page. */
const FAVICON = 32;

let isReady: Promise<void> | undefined;

/** The files by their names. `ground` is what a maskable icon stands on. */
export async function iconsOf(logo: string, ground: string): Promise<Record<string, Uint8Array>> {
  const wasm = createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm");
  await (isReady ??= initWasm(readFileSync(wasm)));
  const files: Record<string, Uint8Array> = {};
  for (const size of [192, 512]) {
    files[`icon-${size}.png`] = drawn(logo, size);
    files[`icon-maskable-${size}.png`] = drawn(maskable(logo, ground), size);
  }
  files["favicon.ico"] = ico(drawn(logo, FAVICON), FAVICON);
  return files;
}

function drawn(svg: string, size: number): Uint8Array {
  return new Resvg(svg, { fitTo: { mode: "width", value: size } }).render().asPng();
}

function maskable(logo: string, ground: string): string {
  const edge = (100 * (1 - SAFE)) / 2;
  const [head = ""] = /<svg[^>]*>/.exec(logo) ?? [];
  const inner = head
    .replace(/\s(?:x|y|width|height)="[^"]*"/g, "")
    .replace("<svg", `<svg x="${edge}" y="${edge}" width="${100 * SAFE}" height="${100 * SAFE}"`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><rect width="100" height="100" fill="${ground}"/>${logo.replace(head, () => inner)}</svg>`;
}

/** An ICO file of one picture: a head, an entry, and the PNG as it is. */
function ico(png: Uint8Array, size: number): Uint8Array {
  const head = Buffer.alloc(22);
  head.writeUInt16LE(1, 2); // a file of icons
  head.writeUInt16LE(1, 4); // one of them
  head.writeUInt8(size, 6);
  head.writeUInt8(size, 7);
  head.writeUInt16LE(1, 10); // planes
  head.writeUInt16LE(32, 12); // bits a pixel
  head.writeUInt32LE(png.length, 14);
  head.writeUInt32LE(head.length, 18);
  return Buffer.concat([head, png]);
}
