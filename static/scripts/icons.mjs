// Draws public/icon-*.png and public/favicon.ico from brand/logo.svg. Run by hand when the drawing changes; the pictures are in the repository.
//
// CHROMIUM names the browser (Debian's by default).
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";

/** In favicon.ico: for what asks for that name without having read the page, such as feed readers and the browser's own pages. */
const FAVICON = 32;

/** More would be felt where the page is installed over a phone's network. */
const LARGEST = 20_000;

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "public");
const rounded = readFileSync(join(folder, "../brand/logo.svg"), "utf8").trim();
// The system cuts a maskable icon to its own shape, within which the drawing stays: no point of it is farther from the middle
// than 40 % of the width.
const shapes = { "": rounded, "maskable-": rounded.replace(' rx="8"', "") };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  for (const size of [192, 512]) {
    for (const [shape, svg] of Object.entries(shapes)) {
      const path = join(folder, `icon-${shape}${size}.png`);
      writeFileSync(path, await drawn(svg, size));
      if (statSync(path).size > LARGEST) throw new Error(`${path} is larger than ${LARGEST} bytes`);
    }
  }
  writeFileSync(join(folder, "favicon.ico"), ico(await drawn(rounded, FAVICON), FAVICON));
} finally {
  await browser.close();
}

async function drawn(svg, size) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw}</style>${svg}`);
  const png = await page.screenshot({ omitBackground: true });
  await page.close();
  return png;
}

/** An ICO file of one picture: a head, an entry, and the PNG as it is. */
function ico(png, size) {
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
