/** Renders a formula: TeX to MathML by Temml, made harmless before it is shown. */
import temml from "temml";
import "temml/dist/Temml-Local.css";
import { loadPurify, sanitizeMaths } from "./sanitizeMaths.ts";
import { inSteps } from "../../browser/whenIdle.ts";
import "./maths.css";

/** A longer one is no formula, and would keep the page busy. */
const LONGEST = 4_000;
/** Up to here a formula takes a few milliseconds. */
const SHORT = 300;

/** What became of each source; null: it stays as it is. */
const known = new Map<string, Element | null>();

export interface Maths {
  typesetAtOnce: (block: Element) => void;
  typeset: (formula: Element) => Promise<void>;
}

/** What sets formulas, with all that it needs. */
export async function load(): Promise<Maths> {
  await loadPurify();
  return { typesetAtOnce, typeset };
}

/** Renders the short formulas of a block that is about to be shown: what is written after them then stays where it is. */
function typesetAtOnce(block: Element): void {
  for (const formula of block.querySelectorAll(".math")) {
    if (formula.childElementCount > 0 || formula.textContent.length > SHORT) continue;
    const rendered = render(formula);
    if (rendered) formula.replaceChildren(rendered);
  }
}

/** Renders `formula`, which holds TeX between its delimiters, when there is time. What cannot be read stays as it is. */
function typeset(formula: Element): Promise<void> {
  return inSteps(typesetting(formula));
}

function* typesetting(formula: Element): Generator<void, void> {
  const source = formula.textContent;
  if (formula.childElementCount === 0) {
    const rendered = render(formula);
    yield;
    if (!rendered || !formula.isConnected || formula.textContent !== source) return;
    formula.replaceChildren(rendered);
  }
}

function render(formula: Element): Element | null {
  const source = formula.textContent;
  const displayMode = formula.classList.contains("display");
  const key = `${displayMode} ${source}`;
  let rendered = known.get(key);
  if (rendered === undefined) {
    rendered = source.length > LONGEST ? null : renderSource(source, displayMode);
    known.set(key, rendered);
  }
  return rendered && (rendered.cloneNode(true) as Element);
}

function renderSource(source: string, displayMode: boolean): Element | null {
  // An environment is its own delimiter.
  const width = source.startsWith("\\begin") ? 0 : /^(?:\$\$|\\)/.test(source) ? 2 : 1;
  const tex = source.slice(width, source.length - width);
  if (tex.trim() === "") return null;
  try {
    // The source comes along for who copies or hears the formula. Sizes are bounded, and nothing is trusted.
    return sanitizeMaths(
      temml.renderToString(tex, { displayMode, annotate: true, throwOnError: true, maxSize: [20, 20] }),
    );
  } catch {
    // Not TeX, or half of it, or nested too deep: the reader sees what the model wrote.
    return null;
  }
}
