// Draws public/icon-*.png from public/icon.svg. Run by hand when the drawing changes; the pictures are in the repository.
//
// CHROMIUM names the browser (Debian's by default).
import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";

/** More would be felt where the page is installed over a phone's network. */
const LARGEST = 20_000;

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "public");
const rounded = readFileSync(join(folder, "icon.svg"), "utf8");
// The system cuts a maskable icon to its own shape, within which the drawing stays: no point of it is farther from the middle
// than 40 % of the width.
const shapes = { "": rounded, "maskable-": rounded.replace(' rx="8"', "") };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  for (const size of [192, 512]) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    for (const [shape, svg] of Object.entries(shapes)) {
      await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw}</style>${svg}`);
      const path = join(folder, `icon-${shape}${size}.png`);
      await page.screenshot({ path, omitBackground: true });
      if (statSync(path).size > LARGEST) throw new Error(`${path} is larger than ${LARGEST} bytes`);
    }
  }
} finally {
  await browser.close();
}
