// @vitest-environment node
/** A face is read, refused where it is wrong, and built into the page. */
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";
import { afterEach, expect, test, vi } from "vitest";
import { withAccent } from "./colours.ts";
import { SHARED_WORDS, branded } from "./plugin.ts";
import { readBrand } from "./read.ts";
import { replaced } from "./words.ts";
import { shell } from "../../src/first/strings.ts";

const EXAMPLE = join(import.meta.dirname, "example");
const TOKENS = readFileSync("src/first/styles/tokens.css", "utf8");

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** The example's folder with other files. */
function face(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "edgewise-face-"));
  folders.push(folder);
  cpSync(EXAMPLE, folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** As the build does: reads the face, and looks where each of its words and colours stands. */
function check(folder: string): void {
  const brand = readBrand(folder);
  withAccent(TOKENS, brand);
  const { buildStart } = branded(brand, "", shell);
  (buildStart as () => void)();
}

test.each<[what: string, file: string, text: string, words: RegExp]>([
  ["a key that is unknown", "brand.toml", 'name = "A"\n\ncolour = 3\n', /brand\.toml:3: there is no key colour/],
  ["no name", "brand.toml", "accent = 3\n", /brand\.toml: name is missing/],
  ["an empty notice", "brand.toml", 'name = "A"\nnotice = " "\n', /brand\.toml:2: notice must be a text of 1 to/],
  ["no TOML", "brand.toml", 'name = "A"\naccent = \n', /brand\.toml:2: /],
  ["a hue that is none", "brand.toml", 'name = "A"\naccent = 400\n', /brand\.toml:2: accent must be a hue/],
  [
    "a colour that cannot be read",
    "brand.toml",
    'name = "A"\n\naccent = { light = "#9ad0c8", dark = "#6fd3c3" }\n',
    /brand\.toml:3: accent #9ad0c8 on ground #faf9f6 has a contrast of 1\.\d+:1 in the light theme; 4\.5:1 is needed/,
  ],
  [
    "a colour that cannot be read in the dark",
    "brand.toml",
    'name = "A"\naccent = { light = "#0d6b62", dark = "#0d6b62" }\n',
    /brand\.toml:2: accent #0d6b62 on .* in the dark theme/,
  ],
  [
    "too many starters",
    "brand.toml",
    'name = "A"\nstarters = ["1", "2", "3", "4", "5", "6", "7"]\n',
    /brand\.toml:2: starters must be a list of at most 6/,
  ],
  [
    "an address that runs a script",
    "brand.toml",
    'name = "A"\n[[links]]\nlabel = "B"\naddress = "/b"\n[[links]]\nlabel = "C"\naddress = "javascript:alert(1)"\n',
    /brand\.toml:7: address must begin with/,
  ],
  ["words of no language", "words.tlh.toml", "", /words\.tlh\.toml: the page has no language tlh/],
  [
    "words that the page has not",
    "words.de.toml",
    '[first]\nsendd = "A"\n',
    /words\.de\.toml:2: the page has no words first\.sendd/,
  ],
  ["words that no link's page has", "words.de.toml", '[shared]\ngoOn = "A"\n', /words\.de\.toml:2: .* shared\.goOn/],
  [
    "words that are put together",
    "words.en.toml",
    '[first]\nmore = "A"\n',
    /words\.en\.toml:2: first\.more is put together/,
  ],
  ["words that are empty", "words.de.toml", '[first]\n\nsend = ""\n', /words\.de\.toml:3: send must be a text/],
  [
    "a logo with a script",
    "logo.svg",
    '<svg viewBox="0 0 1 1"><script/></svg>',
    /logo\.svg:1: the logo may have no script/,
  ],
])("refused with its line: %s", (_, file, text, words) => {
  expect(() => check(face({ [file]: text }))).toThrow(words);
});

test("any hue can be read in light and in dark, and the page's own changes nothing", () => {
  const brand = readBrand(EXAMPLE);
  const all = Array.from({ length: 36 }, (_, at) => withAccent(TOKENS, { ...brand, accent: at * 10 }));
  expect(new Set(all).size).toBe(36);
  expect(withAccent(TOKENS, readBrand("brand"))).toBe(TOKENS);
});

test("the words of the page behind a link are those that the functions have", () => {
  const functions = readFileSync("../shared/api/src/shared_page/words.rs", "utf8");
  const [, table = ""] = /struct Words \{(.*?)\n\}/s.exec(functions) ?? [];
  const names = [...table.matchAll(/^ {4}pub (\w+): /gm)].map(([, name]) => name);
  expect(names).toEqual(["language", ...SHARED_WORDS]);
  check(EXAMPLE);
});

test("a name is the page's wherever that names itself, whatever signs are in it", () => {
  const brand = { ...readBrand(EXAMPLE), name: 'A "$`B' };
  const source = 'told("x", { a: "Edgewise is off", b: (n: string) => `${n}: Edgewise` });';
  expect(replaced(source, { language: "en", room: "x" }, brand)).toBe(
    'told("x", { a: "A \\"\\$\\`B is off", b: (n: string) => `${n}: A \\"\\$\\`B` });',
  );
});

test("the built page has the face, and asks for nothing more", { timeout: 60_000 }, async () => {
  const outDir = mkdtempSync(join(tmpdir(), "edgewise-page-"));
  folders.push(outDir);
  vi.stubEnv("EDGEWISE_BRAND", EXAMPLE);
  vi.stubEnv("NODE_ENV", "production");
  await build({
    configFile: "vite.config.ts",
    logLevel: "silent",
    mode: "production",
    build: { outDir, emptyOutDir: true },
  });
  vi.unstubAllEnvs();
  const read = (name: string) => readFileSync(join(outDir, name), "utf8");
  const html = read("index.html");
  for (const said of [
    "<title>Harbour &#38; Sons</title>",
    'property="og:title" content="Harbour &#38; Sons"',
    'property="og:description" content="Ask the harbour."',
    "What can we look up for you?",
    "An AI answers here, and it can be wrong",
    "Your words go to the model’s provider, and are stored",
    "<button>What does a berth cost?</button>",
    '<a href="https://harbour.example/privacy" target="_blank">Privacy</a>',
  ])
    expect(html).toContain(said);
  const assets = readdirSync(join(outDir, "assets"));
  const asset = (form: RegExp) => read(join("assets", assets.find((name) => form.test(name)) ?? "none"));
  const script = asset(/^index-.*\.js$/);
  for (const said of ["What can we look up for you?", "When do you open?", "/imprint", "Harbour & Sons"])
    expect(script).toContain(said);
  expect(script).not.toMatch(/\bEdgewise\b(?!["`']?\s*[,:]?\s*(?:Work|Turnstile))/);
  const german = asset(/^de-.*\.js$/);
  for (const said of ["Was dürfen wir für Sie nachsehen?", "Abschicken", "Heute bei uns", "When do you open?"])
    expect(german).toContain(said);
  expect(asset(/^de\.account-.*\.js$/)).toContain("Ein Schritt zurück");
  expect(asset(/^ar-.*\.js$/)).toContain("What can we look up for you?");
  expect(asset(/^index-.*\.css$/)).not.toContain("#0d6b62");
  expect(JSON.parse(read("manifest.webmanifest"))).toMatchObject({
    name: "Harbour & Sons",
    short_name: "Harbour",
    description: "Ask the harbour.",
  });
  expect(read("icon.svg")).toContain("#8a2b1f");
  expect(readFileSync(join(outDir, "icon-512.png"))).not.toEqual(readFileSync("public/icon-512.png"));
  expect(readFileSync(join(outDir, "favicon.ico")).subarray(0, 4)).toEqual(Buffer.from([0, 0, 1, 0]));
  expect(read("api/v1/docs")).toContain("<title>Harbour &#38; Sons API</title>");
  expect(read("_headers")).toBe(readFileSync("public/_headers", "utf8"));
});
