// The weight of the page: fails when more than the budget would travel before the first keystroke, or later for what a
// message needs. The budgets are for brotli, which is what browsers get over https; gzip is printed beside it.
//
// What is loaded together is read from the built files: an import statement always comes along, an import() only when its
// moment is there.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { init, parse } from "es-module-lexer";

/** Of a first visit, with its icons. */
const BUDGET_FIRST = 45_000;
/** Bytes on the wire before the first keystroke, gzipped, heads and all: the design's limit. */
const BUDGET_KEYSTROKE = 50_000;
/** The head of an answer, with the page's policy in it. */
const HEAD = 950;
/**
 * Opening the address of a session also fetches the renderer, because there is something to render. 98 kB before the renderer
 * mended half-written text, linked bare addresses and knew emphasis beside CJK text; 107 kB with that, 119 kB with what keeps
 * words, replies and focus in their places.
 */
const BUDGET_SESSION = 120_000;
/** On top, once the browser is idle: the field in which a message is edited. */
const BUDGET_EDIT = 1_500;
/** On top, once the browser is idle: words for what can go wrong, and what prints a whole chat. */
const BUDGET_PROBLEMS = 1_500;
/** Browsers without a sanitizer of their own fetch DOMPurify on top. */
const BUDGET_SANITIZER = 12_000;
/** On top, when the first block with code or a formula is whole. */
const BUDGET_DECORATIONS = 2_500;
/** On top, when the first block of code in a known language is whole. */
const BUDGET_HIGHLIGHT = 12_000;
/** On top, when the server wants a proof of work: who asks for it, and the worker that searches. */
const BUDGET_PROOF = 2_000;
/** On top, once the browser is idle: the ways to another device, to an account and to the search. */
const BUDGET_ASIDE = 2_500;
/** On top, once the browser is idle: what is sent without a connection, whose it is, how it waits and goes out. 2 kB before it knew whose it is. */
const BUDGET_UNSENT = 2_600;
/** On top, once the browser is idle where there are chats: the search through them. */
const BUDGET_SEARCH = 6_000;
/** On top, once the browser is idle: what stands beside the words of a message, a long paste or a file. */
const BUDGET_ATTACHMENTS = 4_000;
/** On top, when somebody takes their chats to another device: the dialog, with what draws a QR code (2.1 kB with gzip). */
const BUDGET_HANDOVER = 6_000;
/** On top, once the browser is idle: what can be done with chats of the list, one of them or several, and the ways to the five below. 4.4 kB before it stood beside the title, too. */
const BUDGET_ACTS = 5_600;
/** On top, when somebody opens the settings. 3.2 kB before they led a guest to what is kept of them, 3.3 kB before who deletes all waited for the minute's limit. */
const BUDGET_SETTINGS = 4_000;
/** On top, when somebody brings chats in: the dialog, and the worker that reads their file (unpacking is half of it). */
const BUDGET_IMPORT = 11_000;
/** On top, when a shared chat is to go on as one's own. */
const BUDGET_GO_ON = 1_500;
/** On top, when somebody opens what goes with each message. */
const BUDGET_CONTEXT = 3_600;
/** On top, where visitors may choose among models, or another one than usual has answered: the picker, and who has given an answer. */
const BUDGET_MODELS = 1_900;
/** On top, once there is an answer: the thumbs under it. */
const BUDGET_VOTES = 1_800;
/** On top, when somebody takes a chat out of the page: the dialog, with what writes Markdown and JSON. */
const BUDGET_EXPORT = 6_000;
/** On top, when somebody makes links to a chat: the dialog. */
const BUDGET_SHARE = 4_000;
/** On top of a visit to a session, for who opens a link to a chat. */
const BUDGET_SHARED = 1_000;
/** Gzipped: the operator's page, words and all, for who opens it. */
const BUDGET_ADMIN = 15_000;
/** On top, when an answer can be read out: what of it is said, in which language, by which voice. */
const BUDGET_ALOUD = 3_500;
/** On top, once the browser is idle, where it can write down what is said: the button for that. */
const BUDGET_DICTATION = 2_500;
/** On top, once the browser is idle: temporary chats, and the way into one. */
const BUDGET_TEMPORARY = 3_200;
/** On top where there are accounts: the way to one's own, once the browser is idle. */
const BUDGET_ENTRY = 2_000;
/** On top, when somebody opens that: the dialog with all ways in, links by mail and providers among them, with the keys of programs, and what makes a key of a password, with its worker. */
const BUDGET_ACCOUNT = 23_500;
/** Gzipped: a file of words in another language, of which the first comes before anything is shown. */
const BUDGET_WORDS = 6_000;
/** On top, for each language seen, and each that stands inside it. The heaviest is counted. */
const BUDGET_LANGUAGE = 9_000;
/** On top, when the first formula is whole: Temml's parser and tables, its font, which not every formula needs, and DOMPurify. */
const BUDGET_MATHS = 76_000;

/** What another site loads to show the button, with gzip. */
const BUDGET_EMBED = 2_000;
/** What tries the API on its readable page, script and style, with gzip. */
const BUDGET_DOCS = 5_000;

const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), "dist");
const read = (name) => readFileSync(join(dist, name));
const assets = readdirSync(join(dist, "assets")).map((name) => `assets/${name}`);

await init;
/** The files a script asks for by `import`, or by `import()`. */
function imports(name, isDynamic) {
  if (!name.endsWith(".js") || name === "theme.js") return [];
  const text = read(name).toString();
  const [found] = parse(text);
  // What vite.config.ts adds to the address of an import() is not part of its name.
  const address = ({ n, s, e }) => n ?? /^[`"'](\.\/[\w.-]+\.js)[`"']\+/.exec(text.slice(s, e))?.[1];
  return found
    .filter((each) => address(each) && each.d > -1 === isDynamic)
    .map((each) => `assets/${basename(address(each))}`)
    .filter((each) => assets.includes(each));
}

/** `names` and everything that is loaded with them. */
function withAll(names) {
  const all = new Set(names);
  for (const name of all) {
    for (const other of imports(name, false)) all.add(other);
    // A style sheet is named after the script that wants it; the Wasm, fonts and workers in the text of who wants them.
    const style = assets.filter((each) => each.endsWith(".css") && stem(each) === stem(name));
    const text = /\.(?:js|css)$/.test(name) ? read(name).toString() : "";
    const others = assets.filter(
      (each) => /\.(?:wasm|woff2)$|(?:solver|stretcher|reader)-/.test(each) && text.includes(each),
    );
    for (const other of [...style, ...others]) all.add(other);
  }
  return all;
}
/** A name as it was before the bundler put a hash into it. */
const stem = (name) => basename(name).replace(/-[\w-]{8}\.\w+$/, "");
const without = (names, loaded) => new Set([...names].filter((name) => !loaded.has(name)));

function compressed(names, compress) {
  return [...names].reduce((total, name) => total + compress(read(name)).length, 0);
}
const brotli = (names) => compressed(names, brotliCompressSync);
const gzip = (names) => compressed(names, (data) => gzipSync(data, { level: 9 }));

const html = read("index.html").toString();
const named = [...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, name]) => name);
const first = withAll(["index.html", ...named.filter((name) => existsSync(join(dist, name)))]);

// A browser remembers an import that failed. What is loaded on demand is then asked for under another address (`browser/lazily.ts`), and
// what that imports in turn would be asked for under the same: so it may import only what is there before.
const shared = assets.flatMap((name) => imports(name, false).map((other) => ({ name, other })));
const bad = shared.filter(({ name, other }) => !first.has(name) && !first.has(other));
for (const { name, other } of bad) console.error(`${name} imports ${other}, which is not part of the first visit.`);
if (bad.length > 0) process.exit(1);

/** The one file among what `names` load on demand that `isIt`; there must be one. */
function onDemand(what, names, isIt) {
  const found = [...names].flatMap((name) => imports(name, true)).find(isIt);
  if (!found) throw new Error(`The page loads no ${what} any more: tell scripts/size.mjs what became of it.`);
  return found;
}
const renderer = onDemand("renderer", first, (name) => [...withAll([name])].some((each) => each.endsWith(".wasm")));
const session = new Set([...first, ...withAll([renderer])]);
const sanitizer = without(
  withAll([onDemand("sanitizer", [renderer], (name) => stem(name).startsWith("purify"))]),
  session,
);
const decorate = onDemand("decorations", [renderer], (name) => stem(name) === "decorate");
const decorations = without(withAll([decorate]), session);
const decorated = new Set([...session, ...decorations]);
const highlight = onDemand("highlighting", [decorate], (name) => stem(name) === "highlight");
const highlighting = without(withAll([highlight]), decorated);
const maths = without(withAll([onDemand("maths", [decorate], (name) => stem(name) === "maths")]), decorated);
const edit = onDemand("field to edit in", first, (name) => stem(name) === "EditField");
const searchable = onDemand("messages for the browser's search", first, (name) => stem(name) === "Searchable");
const problems = [onDemand("words for what can go wrong", first, (name) => stem(name) === "strings")];
const printing = onDemand("print of a whole chat", first, (name) => stem(name) === "printAll");
const proof = without(withAll([onDemand("proof of work", first, (name) => stem(name) === "work")]), session);
const attachments = withAll([onDemand("attachments", first, (name) => stem(name) === "Attachments")]);
const aside = onDemand("ways beside the chats", first, (name) => stem(name) === "Aside");
const handover = onDemand("way to another device", [aside], (name) => stem(name) === "Handover");
const search = onDemand("search", [aside], (name) => stem(name) === "SearchDialog");
const settings = onDemand("settings", [aside], (name) => stem(name) === "SettingsSheet");
const importing = onDemand("import", [settings], (name) => stem(name) === "ImportDialog");
const goingOn = onDemand("way on from a shared chat", [aside], (name) => stem(name) === "GoOnDialog");
const context = onDemand("what goes with each message", [settings], (name) => stem(name) === "ContextDialog");
const unsent = onDemand("room for what is not sent", first, (name) => stem(name) === "room");
const acts = onDemand("menu of a chat", first, (name) => stem(name) === "acts");
const exporting = onDemand("export", [acts], (name) => stem(name) === "ExportDialog");
const sharing = onDemand("links to a chat", [acts], (name) => stem(name) === "ShareDialog");
const linked = onDemand("page behind a link", first, (name) => stem(name) === "instead");
const admin = without(withAll([onDemand("operator's page", [linked], (name) => stem(name) === "AdminPage")]), session);
const aloud = onDemand("voice", [acts], (name) => stem(name) === "ReadAloud");
const votes = onDemand("thumbs", [acts], (name) => stem(name) === "Votes");
const models = onDemand("models to choose among", [acts], (name) => stem(name) === "models");
const dictation = onDemand("dictation", [acts], (name) => stem(name) === "Dictate");
const entry = onDemand("way to an account", [aside], (name) => stem(name) === "Entry");
const temporary = onDemand("temporary chats", [aside], (name) => stem(name) === "temporary");
const account = withAll([onDemand("account", [entry], (name) => stem(name) === "AccountDialog")]);
const languages = imports(highlight, true).map((name) => [name]);
const heaviest = languages.reduce((heavy, names) => (brotli(names) > brotli(heavy) ? names : heavy), []);

const weights = [
  { what: "first visit", names: first, budget: BUDGET_FIRST },
  { what: "visit to a session, with the renderer", names: session, budget: BUDGET_SESSION },
  { what: "on top where the browser has no sanitizer", names: sanitizer, budget: BUDGET_SANITIZER },
  {
    what: "on demand: the field to edit in, and what the browser finds",
    names: without(withAll([edit, searchable]), session),
    budget: BUDGET_EDIT,
  },
  {
    what: "on demand: words and prints",
    names: without(withAll([...problems, printing]), session),
    budget: BUDGET_PROBLEMS,
  },
  { what: "on demand: decorations", names: decorations, budget: BUDGET_DECORATIONS },
  { what: "on demand: maths", names: maths, budget: BUDGET_MATHS },
  { what: "on demand: proof of work", names: proof, budget: BUDGET_PROOF },
  { what: "on demand: the ways beside the chats", names: without(withAll([aside]), session), budget: BUDGET_ASIDE },
  { what: "on demand: the search", names: without(withAll([search]), session), budget: BUDGET_SEARCH },
  { what: "on demand: attachments", names: without(attachments, session), budget: BUDGET_ATTACHMENTS },
  { what: "on demand: to another device", names: without(withAll([handover]), session), budget: BUDGET_HANDOVER },
  { what: "on demand: what can be done with a chat", names: without(withAll([acts]), session), budget: BUDGET_ACTS },
  { what: "on demand: the settings", names: without(withAll([settings]), session), budget: BUDGET_SETTINGS },
  {
    what: "on demand: what goes with each message",
    names: without(withAll([context]), session),
    budget: BUDGET_CONTEXT,
  },
  { what: "on demand: models to choose among", names: without(withAll([models]), session), budget: BUDGET_MODELS },
  { what: "on demand: thumbs", names: without(withAll([votes]), session), budget: BUDGET_VOTES },
  {
    what: "on demand: what is sent without a connection",
    names: without(withAll([unsent]), session),
    budget: BUDGET_UNSENT,
  },
  { what: "on demand: import", names: without(withAll([importing]), session), budget: BUDGET_IMPORT },
  { what: "on demand: going on with a shared chat", names: without(withAll([goingOn]), session), budget: BUDGET_GO_ON },
  { what: "on demand: export", names: without(withAll([exporting]), session), budget: BUDGET_EXPORT },
  { what: "on demand: links to a chat", names: without(withAll([sharing]), session), budget: BUDGET_SHARE },
  { what: "on demand: a link to a chat", names: without(withAll([linked]), session), budget: BUDGET_SHARED },
  { what: "on demand: reading aloud", names: without(withAll([aloud]), session), budget: BUDGET_ALOUD },
  { what: "on demand: dictation", names: without(withAll([dictation]), session), budget: BUDGET_DICTATION },
  { what: "on demand: temporary chats", names: without(withAll([temporary]), session), budget: BUDGET_TEMPORARY },
  { what: "on demand: the way to an account", names: without(withAll([entry]), session), budget: BUDGET_ENTRY },
  { what: "on demand: the account, with its password", names: without(account, session), budget: BUDGET_ACCOUNT },
  { what: "on demand: highlighting", names: highlighting, budget: BUDGET_HIGHLIGHT },
  {
    what: `on demand: the heaviest of ${languages.length} languages, ${heaviest.map(stem).join()}`,
    names: heaviest,
    budget: BUDGET_LANGUAGE,
  },
];
let isOver = false;
for (const { what, names, budget } of weights) {
  const weight = brotli(names);
  const files = [...names].length;
  console.log(
    `${what}: ${weight} bytes with brotli, ${gzip(names)} with gzip; budget ${budget} (brotli), ${files} files`,
  );
  isOver ||= weight > budget;
}

const keystroke = [...first].filter((name) => /\.(?:html|js|css)$/.test(name));
const wire = gzip(keystroke) + HEAD * keystroke.length;
console.log(
  `before the first keystroke: ${wire} bytes with gzip and ${keystroke.length} heads; budget ${BUDGET_KEYSTROKE}`,
);
isOver ||= wire > BUDGET_KEYSTROKE;

const embed = gzip(["embed.js"]);
console.log(`what another site loads: ${embed} bytes with gzip; budget ${BUDGET_EMBED} (gzip)`);
isOver ||= embed > BUDGET_EMBED;

const docs = gzip(["docs.js", "docs.css"]);
console.log(`what tries the API: ${docs} bytes with gzip; budget ${BUDGET_DOCS} (gzip)`);
isOver ||= docs > BUDGET_DOCS;

const operator = gzip(admin);
console.log(`on demand: the operator's page: ${operator} bytes with gzip; budget ${BUDGET_ADMIN} (gzip)`);
isOver ||= operator > BUDGET_ADMIN;

const words = assets.filter((name) => /^(?:ar|de|es|fr|ja|pt|zh)(?:\.\w+)?$/.test(stem(name)) && name.endsWith(".js"));
const most = words.reduce((heavy, name) => (gzip([name]) > gzip([heavy]) ? name : heavy));
console.log(
  `words: the heaviest of ${words.length} files, ${stem(most)}: ${gzip([most])} bytes with gzip; budget ${BUDGET_WORDS}`,
);
isOver ||= gzip([most]) > BUDGET_WORDS;

const counted = new Set(weights.flatMap(({ names }) => [...names]).concat(languages.flat(), words, [...admin]));
const others = assets.filter((name) => !counted.has(name));
if (others.length > 0)
  console.log(`on demand: ${others.map((name) => `${basename(name)} ${brotli([name])}`).join(", ")}`);
if (isOver) {
  console.error("The page is over its budget.");
  process.exit(1);
}
