/** What axe-core finds in a page. */
import { join } from "node:path";
import type { Page } from "@playwright/test";

/** The checker, for `addInitScript`. The page's own policy would refuse its evaluation: the context bypasses it. */
export const axe = join(__dirname, "../../static/node_modules/axe-core/axe.min.js");

/** Rules of WCAG 2.2 A and AA that the page breaks as it is. What is measured once it is drawn, such as whether a table can be scrolled, comes later: ask again. */
export async function violations(page: Page): Promise<string[]> {
  // A fading colour has no contrast worth measuring; the end of one fading may begin another.
  await page.evaluate(async () => {
    const running = () => document.getAnimations().filter(({ playState }) => playState === "running");
    for (let frames = 0; frames < 5; frames = running().length === 0 ? frames + 1 : 0) {
      await Promise.all(running().map((animation) => animation.finished.catch(() => null)));
      await new Promise(requestAnimationFrame);
    }
  });
  return page.evaluate(async () => {
    interface Axe {
      run: (options: object) => Promise<{
        violations: {
          id: string;
          nodes: { html: string; failureSummary: string }[];
        }[];
      }>;
    }
    const result = await (window as unknown as { axe: Axe }).axe.run({
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    });
    return result.violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
    );
  });
}
