/** A state of the page in the shapes that it has: wide and light, small and dark. Nothing bars the way in either, and nothing is cut off. */
import { type Page, expect } from "@playwright/test";
import { violations } from "./axe.ts";

/** What is chosen is the system's, so that both differ in as much as can: each costs a run of axe. */
const SHAPES = [
  { colorScheme: "light", width: 1280, height: 800 },
  { colorScheme: "dark", width: 320, height: 640 },
] as const;

/** Checks what is shown, and leaves the page wide and light. `toIt` leads to it where the page is small: what is in the list is behind its button. */
export async function shapes(page: Page, name: string, toIt?: () => Promise<void>): Promise<void> {
  for (const { colorScheme, width, height } of SHAPES) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    if (width < 768) await toIt?.();
    await shape(page, `${name} ${colorScheme} ${width}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** Checks what is shown, as it is. */
export async function shape(page: Page, name: string): Promise<void> {
  await expect.poll(() => violations(page), { message: name }).toEqual([]);
  const wide = () =>
    [document.documentElement, ...document.querySelectorAll("dialog[open]")].flatMap((one) =>
      one.scrollWidth > one.clientWidth ? [`${one.outerHTML.slice(0, 80)} ${one.scrollWidth}`] : [],
    );
  expect(await page.evaluate(wide), `${name}: nothing is wider than the screen`).toEqual([]);
  const { PAGE_PICTURES } = process.env;
  if (PAGE_PICTURES) await page.screenshot({ path: `${PAGE_PICTURES}/${name}.png` });
}
