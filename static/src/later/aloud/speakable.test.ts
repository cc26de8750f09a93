/** Promises about what is read out: the words that are seen, in their own languages, in pieces a voice can hold. */
import { describe, expect, test } from "vitest";
import { languageOf } from "./languages.ts";
import { speakable } from "./speakable.ts";

const INSTEAD = { code: "CODE", formula: "FORMULA" };

function spoken(html: string, preferred = ["en-GB"]): string[] {
  const root = document.createElement("div");
  root.innerHTML = html;
  return speakable(root, INSTEAD, preferred).map(({ text }) => text);
}

test.each([
  [
    "paragraphs and lists",
    "<h3>One</h3><p>Two\n<b>three</b>.</p><ul><li>four<ul><li>five</li></ul></li></ul>",
    ["One", "Two three.", "four", "five"],
  ],
  [
    "code",
    '<p>See <code>f(x)</code>:</p><div class="code"><div class="head"><span>js</span><button>Copy</button></div><pre><code>{}</code></pre></div><p>End.</p>',
    ["See f(x):", "CODE", "End."],
  ],
  [
    "formulas",
    '<p>With <span class="math">x</span> and <span class="math"><math><mfrac><mi>a</mi><mi>bcd</mi></mfrac></math></span>.</p>',
    ["With x and FORMULA ."],
  ],
  ["thoughts", '<details class="thoughts"><summary>Thoughts</summary><p>Hm.</p></details><p>So.</p>', ["So."]],
  [
    "tables",
    "<div class=table><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table></div>",
    ["a, b.", "1, 2."],
  ],
  ["addresses", '<p>See <a href="#">https://www.example.com/a/b?c=d</a>.</p>', ["See example.com"]],
  ["nothing", "<hr><p> … </p>", []],
])("%s", (_, html, texts) => {
  expect(spoken(html)).toEqual(texts);
});

test("a long text is cut between sentences, and a long sentence between words; not a word is lost", () => {
  for (const text of [
    "It is so. Is it? ".repeat(60),
    "word ".repeat(300),
    "これは長い文章です。".repeat(80),
    "長".repeat(900),
  ]) {
    const all = spoken(`<p>${text}</p>`);
    expect(all.length).toBeGreaterThan(1);
    for (const one of all) expect(one.length).toBeLessThanOrEqual(220);
    expect(all.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
  }
  expect(spoken(`<p>${"It is so. ".repeat(60)}</p>`).every((one) => one.endsWith("so."))).toBe(true);
});

test("each piece has its language, and what tells none that of the whole", () => {
  const root = document.createElement("div");
  root.innerHTML =
    "<p>Der Satz ist nicht lang, und das ist gut.</p><p>مرحبا بالعالم</p><p>42</p><p>これは</p><pre>x</pre>";
  expect(speakable(root, INSTEAD, ["en-US"]).map(({ lang }) => lang)).toEqual(["de", "ar", "de", "ja", "en"]);
});

describe("the language of a text", () => {
  test.each([
    ["The tide is not the same as the moon.", ["de-DE"], "en"],
    ["The tide is not the same as the moon.", ["de-DE", "en-GB"], "en-GB"],
    ["Die Flut ist nicht dasselbe wie der Mond.", ["en-US"], "de"],
    ["La marea no es lo mismo que la luna, y los días son una guía.", ["en"], "es"],
    ["Ok", ["fr-FR", "en"], "fr-FR"],
    ["Ok", ["ja"], "en"],
    ["Привет, мир", ["en", "uk"], "uk"],
    ["Привет, мир", ["en"], "ru"],
    ["你好，世界", ["en", "zh-TW"], "zh-TW"],
    ["你好，世界", ["ja-JP"], "zh"],
    ["سلام، چطوری؟", ["en", "fa"], "fa"],
    ["नमस्ते", ["en"], "hi"],
    ["שלום", ["en"], "he"],
    ["42 + 1", ["en"], undefined],
    ["Ok", ["not a language!"], "en"],
  ])("%s", (text, preferred, language) => {
    expect(languageOf(text, preferred)).toBe(language);
  });
});
