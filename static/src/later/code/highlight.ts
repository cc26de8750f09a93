/** Colours code: wraps its words in spans of a class each. The text stays what it was, so nothing moves. */
import type { ElementContent } from "hast";
import { createLowlight } from "lowlight";
import { GRAMMARS, WITHIN } from "./grammars.ts";
import "./highlight.css";
import { lazily } from "../../browser/lazily.ts";
import { inSteps } from "../../browser/whenIdle.ts";
import type { Language } from "./languages.ts";

type Lowlight = ReturnType<typeof createLowlight>;

/** Longer code is left alone: its spans would weigh more than the rest of the page. In characters. */
const LONGEST = 50_000;
/** How much is read in one step: below 10 ms even for JavaScript, the slowest grammar. */
const PART = 4_000;
/** How many words become spans in one step. */
const BATCH = 200;

const ready = new Map<Language, Promise<Lowlight>>();

/** Colours `code`, which is of `language`, when there is time; at once if it has been coloured or is too long. */
export async function highlight(code: Element, language: Language): Promise<void> {
  if (code.textContent.length > LONGEST) return;
  await inSteps(colouring(code, await reader(language), language));
}

/** A reader for each language, so that what it makes of a text does not depend on which others have been loaded. */
function reader(language: Language): Promise<Lowlight> {
  let loading = ready.get(language);
  if (!loading) {
    loading = load(language);
    ready.set(language, loading);
    // A network that failed may work for the next block.
    loading.catch(() => ready.delete(language));
  }
  return loading;
}

async function load(language: Language): Promise<Lowlight> {
  const names = [language, ...(WITHIN[language] ?? [])];
  const grammars = await Promise.all(
    names.map(async (name) => [name, (await lazily(GRAMMARS[name])).default] as const),
  );
  return createLowlight(Object.fromEntries(grammars));
}

/** Moves the text of `code` from its one text node into coloured ones, piece by piece. Stops if the code is changed meanwhile. */
function* colouring(code: Element, lowlight: Lowlight, language: Language): Generator<void, void> {
  const [rest, ...others] = code.childNodes;
  if (!(rest instanceof Text) || others.length > 0) return;
  let left = rest.data;
  for (const part of parts(left)) {
    const words = lowlight.highlight(language, part).children as ElementContent[];
    yield;
    for (let index = 0; index < words.length; index += BATCH) {
      if (!code.isConnected || rest.parentNode !== code || rest.data !== left) return;
      const nodes = words.slice(index, index + BATCH).map(node);
      const length = nodes.reduce((sum, each) => sum + (each.textContent ?? "").length, 0);
      left = left.slice(length);
      rest.before(...nodes);
      rest.deleteData(0, length);
      yield;
    }
  }
  if (rest.data === "") rest.remove();
}

/**
 * `text` in parts that one step can read. Cut before a line that starts at the margin after an empty one, where hardly any
 * language has anything open; if there is none, at the end of a line. From a line without end on, there are no more parts.
 */
function* parts(text: string): Generator<string, void> {
  let from = 0;
  while (text.length - from > PART) {
    const window = text.slice(from, from + PART);
    const margins = [...window.matchAll(/\n\n(?=\S)/g)];
    const length = (margins.at(-1)?.index ?? -2) + 2 || window.lastIndexOf("\n") + 1;
    if (length === 0) return;
    yield text.slice(from, from + length);
    from += length;
  }
  yield text.slice(from);
}

function node(content: ElementContent): Node {
  if (content.type !== "element") return document.createTextNode(content.type === "text" ? content.value : "");
  const span = document.createElement("span");
  const { className } = content.properties;
  if (Array.isArray(className)) span.className = className.join(" ");
  span.append(...content.children.map(node));
  return span;
}
