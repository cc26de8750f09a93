/**
 * Markdown that means harm, streamed into the page: no script runs, and nothing asks the canary, a real server that only waits to
 * be asked. `page.ts` fails each test here too if the page's policy was broken or any other origin was asked.
 */
import { type AddressInfo } from "node:net";
import { createServer, type Server } from "node:http";
import { expect } from "@playwright/test";
import { EdgewisePage, test as base } from "./page.ts";
import { scenario } from "./stack.ts";

interface Canary {
  address: string;
  asked: string[];
}

const test = base.extend<{ canary: Canary }>({
  canary: async ({}, use) => {
    const asked: string[] = [];
    const server: Server = createServer((request, answer) => {
      asked.push(`${request.method ?? ""} ${request.url ?? ""}`);
      answer.end("alert(1)");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await use({ address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked });
    await new Promise((resolve) => server.close(resolve));
  },
});

/** Each ends with a sentence that must be readable. `C` is the canary, `X` is what a script would do. */
const CORPUS: Record<string, string> = {
  "raw HTML":
    "<script>X</script><script src=C/a.js></script>\n\n<img src=C/b.png onerror=X>\n\n<iframe src=C/c></iframe>\n\n" +
    "<object data=C/d></object><embed src=C/e><video src=C/f autoplay></video><audio src=C/g autoplay></audio>\n\nThe end.",
  "handlers and styles":
    '<p onclick=X style="background:url(C/a)">p</p>\n\n<b onmouseover=X>b</b> <details open ontoggle=X>d</details>\n\n' +
    "<style>@import url(C/b.css); body{background:url(C/c)}</style><link rel=stylesheet href=C/d.css>\n\nThe end.",
  "heads of documents":
    '<meta http-equiv=refresh content="0;url=C/a"><base href="C/">\n\n<link rel=prefetch href=C/b><link rel=dns-prefetch href=C>\n\n' +
    '<form action=C/c><input autofocus onfocus=X><button formaction="javascript:X">b</button></form>\n\nThe end.',
  svg:
    "<svg onload=X><image href=C/a.png /><use href=C/b.svg#x /><script>X</script><a xlink:href=javascript:X><text>t</text></a></svg>\n\n" +
    "<math><mtext><table><mglyph><style><img src=C/c onerror=X></style></mglyph></table></mtext></math>\n\nThe end.",
  "images of markdown":
    '![one](C/a.png) ![two](C/b.png "title") [![three](C/c.png)](C/d) ![ref][r] ![<b>](<C/e.png>)\n\n[r]: C/f.png\n\nThe end.',
  "addresses that are code":
    "[a](javascript:X) [b](JaVaScRiPt:X) [c](java&#115;cript:X) [d](&#x6A;avascript:X) [e](javascript&colon;X) [f](<java\tscript:X>)\n\n" +
    "[g](vbscript:X) [h](data:text/html,<script>X</script>) [i](data:text/html;base64,PHNjcmlwdD5YPC9zY3JpcHQ+) [j](\\javascript:X)\n\n" +
    "[k][l] [m](\u0001javascript:X) [n](//C/x) [o](blob:C/x) <javascript:X>\n\n[l]: javascript:X\n\nThe end.",
  "info strings and tables":
    '```js" onload="X\ncode\n```\n\n~~~<img src=C/a onerror=X>\ncode\n~~~\n\n' +
    "| <img src=C/b> | b |\n|---|---|\n| <script>X</script> | [x](javascript:X) |\n\nThe end.",
  "unclosed and broken":
    "<img src='C/a\n\n<!-- <script>X</script> -->\n\n<![CDATA[<script>X</script>]]>\n\n<?php X ?>\n\n</p></div></body>\n\n<a href='C/b'\n\nThe end.",
  "notes and ids":
    '[^1] <a id=page name=body>x</a>\n\n[^1]: <img src=C/a onerror=X>\n\n<div id="page"></div><form id=composer></form>\n\nThe end.',
};

/** Harm by size: shown as text, and the page goes on answering. */
const HEAVY: Record<string, string> = {
  "ten thousand quotes": `${">".repeat(10_000)} deep\n\nThe end.`,
  "ten thousand brackets": `${"[".repeat(10_000)}x${"](".repeat(5_000)}\n\nThe end.`,
  "ten thousand stars": `${"*a ".repeat(5_000)}${"_".repeat(5_000)}\n\nThe end.`,
  "one long line": `${"word".repeat(25_000)}\n\nThe end.`,
  "lists in lists": `${Array.from({ length: 200 }, (_, depth) => `${"  ".repeat(depth)}- x`).join("\n")}\n\nThe end.`,
};

async function show(edgewise: EdgewisePage, name: string, text: string): Promise<void> {
  const pieces = Array.from({ length: Math.ceil(text.length / 400) }, (_, at) => text.slice(at * 400, (at + 1) * 400));
  const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
  const raw = `${pieces.map(chunk).join("")}data: [DONE]\n\n`;
  await scenario(name, { raw, raw_content_type: "text/event-stream" });
  await edgewise.page.goto("/");
  await edgewise.send(name);
  const answer = await edgewise.settledAnswer();
  await expect(answer.getByText("The end.").last()).toBeVisible();
}

for (const [name, text] of Object.entries(CORPUS)) {
  test(`harmless: ${name}`, async ({ page, canary }) => {
    const edgewise = new EdgewisePage(page);
    await page.addInitScript(() => {
      (window as unknown as { harm: string[] }).harm = [];
    });
    const aimed = text.replaceAll(/\bC(?=[/>)"' ])/g, canary.address).replaceAll("X", "window.harm.push(1)");
    await show(edgewise, name, aimed);

    // Whoever reads moves over everything and presses what looks like a link that stays here.
    const shown = edgewise.answers.last().locator(".prose");
    for (const link of await shown.locator("a[href]").all())
      expect(await link.getAttribute("href")).toMatch(/^(https?:\/\/|mailto:|#fn-)/);
    for (const link of await shown.locator("a[href^=http]").all())
      expect(await link.getAttribute("rel")).toContain("noopener");
    for (const element of await shown.locator("*").all()) await element.dispatchEvent("mouseover");
    const elements = await shown.evaluate((prose) => [
      ...new Set([...prose.querySelectorAll("*")].map(({ localName }) => localName)),
    ]);
    expect(
      elements.filter((one) =>
        /script|img|iframe|object|embed|svg|style|link|meta|form|input|video|audio|base/.test(one),
      ),
    ).toEqual([]);
    expect(
      await shown.evaluate((prose) => [...prose.querySelectorAll("*")].flatMap((one) => one.getAttributeNames())),
    ).not.toContain("style");

    // After a reload the same text comes from the store.
    await page.reload();
    await edgewise.settledAnswer();
    await expect(shown.getByText("The end.").last()).toBeVisible();
    await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
    expect(await page.evaluate(() => (window as unknown as { harm: string[] }).harm)).toEqual([]);
    expect(canary.asked).toEqual([]);
  });
}

for (const [name, text] of Object.entries(HEAVY)) {
  test(`bearable: ${name}`, async ({ page }) => {
    const edgewise = new EdgewisePage(page);
    await show(edgewise, name, text);
    await edgewise.composer.fill("still here");
    await expect(edgewise.composer).toHaveValue("still here");
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });
}
