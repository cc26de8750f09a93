/**
 * Markdown that means harm, streamed into the page: no script runs, and nothing asks the canary, a real server that only waits to
 * be asked. Each text is then read again without the page's policy, once by the browser's own sanitizer (Chromium and Firefox have
 * one) and once by DOMPurify: with the policy in force a hole in either would hardly show. `page.ts` fails each test here too if the page's policy was broken or any
 * other origin was asked.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, type BrowserContext, type Locator, type Page, expect } from "@playwright/test";
import { EdgewisePage, test as base } from "./page.ts";
import { streamed } from "./stack.ts";

interface Canary {
  address: string;
  asked: string[];
}

const test = base.extend<{ canary: Canary }>({
  canary: async ({}, use) => {
    const asked: string[] = [];
    const server = createServer((request, answer) => {
      asked.push(`${request.method ?? ""} ${request.url ?? ""}`);
      answer.end("window.harm.push('from the canary')");
    });
    // To connect ahead of a request that never comes tells as much as the request.
    server.on("connection", () => asked.push("a connection"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await use({ address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  },
});

/** Elements and attributes that fetch, run or restyle something; none is ever part of an answer. */
const HARMFUL_ELEMENTS =
  "script, img, picture, source, iframe, frame, object, embed, svg, math, style, link, meta, base, form, input, " +
  // Ours stands in the head of a block of code.
  "button:not(.code > .head > button), " +
  "textarea, select, video, audio, template, dialog, details:not(.thoughts), portal, marquee, slot";
const HARMLESS_ATTRIBUTES =
  /^(href|target|rel|class|id|start|tabindex|role|aria-label|aria-describedby|dir|lang|data-[a-z-]+)$/;

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
    "<img src='C/a\n\n<!-- <script>X</script> --><!--> <img src=C/c onerror=X> -->\n\n<![CDATA[<script>X</script>]]>\n\n<?php X ?>\n\n</p></div></body>\n\n<a href='C/b'\n\nThe end.",
  "notes and ids":
    '[^1] <a id=page name=body>x</a>\n\n[^1]: <img src=C/a onerror=X>\n\n<div id="page"></div><form id=composer></form>\n\nThe end.',
  "addresses that hide their scheme":
    "[a](java\u0000script:X) [b](\u000bjavascript:X) [c](jav&#x0A;ascript:X) [d](jav&Tab;ascript:X) [e](&#0000106avascript:X)\n\n" +
    "[f](java\u200bscript:X) [g](\u202ejavascript:X) [h](%6Aavascript:X) [i](feed:javascript:X) [j](view-source:C/x) [k](filesystem:C/x)\n\n" +
    "[l](  JAVASCRIPT&#58;X ) [m](<javascript:X>) [n](vbs\\\ncript:X) [o](DaTa:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+) [p](file:///etc/passwd)\n\n" +
    "[Q] [r][Q] [s][] ![t][Q]\n\n[q]: <java\tscript:X> 'title'\n[s]: &#106;&#97;&#118;&#97;script:X\n\nThe end.",
  "quotes that leave their attribute":
    '[a](C/a"onmouseover="X) [b](<C/b" onclick="X>) [c](https://x.example/?"><img/src=C/c/onerror=X>) [d](C/d "t\" onclick=\"X")\n\n' +
    "```\"><script>X</script>\ncode\n```\n\n``` js'onload='X\ncode\n```\n\n```<svg/onload=X>\ncode\n```\n\n" +
    '<C/e"onclick="X> https://x.example/"onmouseover="X" www.x.example/"><script>X</script> a@b.example"><img src=C/f>\n\nThe end.',
  "markup that changes when it is read twice":
    '<noscript><p title="</noscript><img src=C/a onerror=X>"></noscript>\n\n<textarea></textarea><img src=C/b onerror=X></textarea>\n\n' +
    '<math><mi//xlink:href="data:x,<script>X</script>"><table><td><style><!--</style><img src=C/c onerror=X>--></style></math>\n\n' +
    '<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=X src=C/d>">\n\n' +
    "<template><img src=C/e onerror=X></template><xmp><img src=C/f onerror=X></xmp>&lt;img src=C/g onerror=X&gt;\n\nThe end.",
  "what browsers fetch ahead":
    '<script type=speculationrules>{"prefetch":[{"urls":["C/a"]}]}</script>\n\n<link rel=modulepreload href=C/b><link rel=preconnect href=C/>\n\n' +
    '<link rel=manifest href=C/c><picture><source srcset="C/d 1x, C/e 2x"><img srcset=C/f></picture><input type=image src=C/g>\n\n' +
    "<body background=C/h><table background=C/i><td background=C/j></table><video poster=C/k></video><a href=C/l ping=C/m>l</a>\n\nThe end.",
  "elements the page itself looks for":
    "<div id=page></div> <a name=composer id=composer>a</a> <form name=body><input name=attributes><input name=childNodes></form>\n\n" +
    '<p class="composer sidebar notice" role=alert>b</p> <x-y is=z slot=s part=p>c</x-y> <p contenteditable autofocus onfocus=X>d</p>\n\nThe end.',
};

/** Harm by size: shown as text, and the page still answers. */
const HEAVY: Record<string, string> = {
  "ten thousand quotes": `${">".repeat(10_000)} deep\n\nThe end.`,
  "ten thousand brackets": `${"[".repeat(10_000)}x${"](".repeat(5_000)}\n\nThe end.`,
  "ten thousand links begun": `${"[a](<b".repeat(10_000)}\n\nThe end.`,
  "ten thousand images begun": `${"![".repeat(10_000)}\n\nThe end.`,
  "ten thousand stars": `${"*a ".repeat(5_000)}${"_".repeat(5_000)}\n\nThe end.`,
  "ten thousand tags begun": `${"<a ".repeat(5_000)}${"<!--".repeat(5_000)}\n\nThe end.`,
  "code spans begun with every length": `${Array.from({ length: 400 }, (_, count) => `${"`".repeat(count + 1)} `).join("")}\n\nThe end.`,
  "ten thousand entities": `${"&#128512;".repeat(10_000)}\n\nThe end.`,
  "one long line": `${"word".repeat(25_000)}\n\nThe end.`,
  "lists in lists": `${Array.from({ length: 200 }, (_, depth) => `${"  ".repeat(depth)}- x`).join("\n")}\n\nThe end.`,
  "a table of two hundred columns": `${"|a".repeat(200)}|\n${"|-".repeat(200)}|\n${`${"|b".repeat(200)}|\n`.repeat(20)}\nThe end.`,
  "a thousand notes": `${Array.from({ length: 1_000 }, (_, note) => `[^${note}]`).join("")}\n\n${Array.from({ length: 1_000 }, (_, note) => `[^${note}]: n`).join("\n\n")}\n\nThe end.`,
};

/** Longer than this a visitor would take the page for dead, also on a machine that is busy with other things. */
const LONGEST_SILENCE_MS = 1_500;

/** Has the model answer `text` in pieces of `size` characters, one every few milliseconds, and waits until it is all shown. */
async function show(edgewise: EdgewisePage, name: string, text: string, size: number): Promise<Locator> {
  await streamed(name, text, Math.ceil(text.length / size), 4);
  await edgewise.page.goto("/");
  await edgewise.send(name);
  const answer = await edgewise.settledAnswer();
  await expect(answer.getByText("The end.").last()).toBeVisible();
  return answer.locator(".prose");
}

/** Where scripts of the corpus leave their trace. */
async function setTrap(target: Page | BrowserContext): Promise<void> {
  await target.addInitScript(() => {
    (window as unknown as { harm: unknown[] }).harm = [];
  });
}

/** Does to an answer what a reader does, and fails if anything of it is more than text and links. */
async function expectHarmless(prose: Locator, canary: Canary): Promise<void> {
  await expect(prose.getByText("The end.").last()).toBeVisible();
  const found = await prose.evaluate(async (root, harmful) => {
    const all = [...root.querySelectorAll("*:not(.code > .head > button)")];
    for (const element of all)
      for (const type of ["mouseover", "mouseenter", "pointerdown", "focus", "toggle"])
        element.dispatchEvent(new Event(type, { bubbles: true }));
    await new Promise((resolve) => requestIdleCallback(resolve));
    return {
      elements: [...root.querySelectorAll(harmful)].map(({ localName }) => localName),
      attributes: [...new Set(all.flatMap((one) => one.getAttributeNames()))],
      links: all.flatMap((one) => one.getAttribute("href") ?? []),
      unguarded: [...root.querySelectorAll("a[href^=http]:not([rel~=noopener])")].length,
      harm: (window as unknown as { harm: unknown[] }).harm,
    };
  }, HARMFUL_ELEMENTS);
  expect(found.harm, "a script ran").toEqual([]);
  expect(found.elements).toEqual([]);
  expect(found.attributes.filter((name) => !HARMLESS_ATTRIBUTES.test(name))).toEqual([]);
  expect(found.links.filter((href) => !/^(https?:\/\/|mailto:|#fn-)/i.test(href))).toEqual([]);
  expect(found.unguarded).toBe(0);
  expect(canary.asked, "the canary was asked").toEqual([]);
}

/** Reads the session at `page` again in a browser that has no policy to fall back on, by one sanitizer or the other. */
async function readUnprotected(browser: Browser, page: Page, canary: Canary, hasOwnSanitizer: boolean): Promise<void> {
  const context = await browser.newContext({ storageState: await page.context().storageState() });
  // Not `bypassCSP`, which Firefox has not.
  await context.route(page.url(), async (route) => {
    const response = await route.fetch();
    const { "content-security-policy": policy, ...headers } = response.headers();
    expect(policy).toContain("default-src");
    await route.fulfill({ response, headers });
  });
  await setTrap(context);
  if (!hasOwnSanitizer) await context.addInitScript(() => void Reflect.deleteProperty(Element.prototype, "setHTML"));
  const foreign: string[] = [];
  context.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(page.url()).origin) foreign.push(request.url());
  });
  const edgewise = new EdgewisePage(await context.newPage());
  await edgewise.page.goto(page.url());
  await expectHarmless((await edgewise.settledAnswer()).locator(".prose"), canary);
  expect(await edgewise.page.evaluate("new Function('return 1')()"), "there is no policy").toBe(1);
  expect(await edgewise.page.evaluate(() => "setHTML" in Element.prototype)).toBe(hasOwnSanitizer);
  expect(foreign).toEqual([]);
  await context.close();
}

for (const [name, text] of Object.entries(CORPUS)) {
  test(`harmless: ${name}`, async ({ page, canary, browser }) => {
    await setTrap(page);
    const edgewise = new EdgewisePage(page);
    const aimed = text.replaceAll(/\bC(?=[/>)"' ])/g, canary.address).replaceAll("X", "window.harm.push(1)");
    // Small pieces: much is half there at some moment, and means something else then.
    await expectHarmless(await show(edgewise, name, aimed, 11), canary);

    await test.step("from the store, without the policy", async () => {
      await readUnprotected(browser, page, canary, true);
      await readUnprotected(browser, page, canary, false);
    });
  });
}

test("markup that a model wrote is shown as it wrote it", async ({ page }) => {
  const prose = await show(
    new EdgewisePage(page),
    "Show me markup",
    'Use <img src="a.png" onerror="b()"> here. The end.',
    5,
  );
  await expect(prose).toHaveText('Use <img src="a.png" onerror="b()"> here. The end.');
});

for (const [name, text] of Object.entries(HEAVY)) {
  test(`bearable: ${name}`, async ({ page }) => {
    const edgewise = new EdgewisePage(page);
    await page.addInitScript(() => {
      const heard = { longest: 0, last: performance.now() };
      (window as unknown as { heard: typeof heard }).heard = heard;
      setInterval(() => {
        const now = performance.now();
        heard.longest = Math.max(heard.longest, now - heard.last);
        heard.last = now;
      }, 20);
    });
    await show(edgewise, name, text, 400);
    await edgewise.composer.fill("still here");
    await expect(edgewise.composer).toHaveValue("still here");
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    const longest = await page.evaluate(() => (window as unknown as { heard: { longest: number } }).heard.longest);
    test.info().annotations.push({ type: "longest silence", description: `${Math.round(longest)} ms` });
    expect(longest, "the page did not answer meanwhile").toBeLessThan(LONGEST_SILENCE_MS);
  });
}
