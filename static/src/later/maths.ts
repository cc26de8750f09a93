/** Renders a formula: TeX to MathML by Temml, made harmless before it is shown. */
import temml from "temml";
import "temml/dist/Temml-Local.css";
import { harmlessMaths } from "./harmlessMaths.ts";
import { whenIdle } from "./idle.ts";
import "./maths.css";

/** A longer one is no formula, and would keep the page busy. */
const LONGEST = 4_000;

/** Renders `formula`, which holds TeX between its delimiters, when there is time. What cannot be read stays as it is. */
export function typeset(formula: Element): Promise<void> {
  return whenIdle(typesetting(formula));
}

function* typesetting(formula: Element): Generator<void, void> {
  const source = formula.textContent;
  if (formula.childElementCount > 0 || source.length > LONGEST) return;
  const width = /^(?:\$\$|\\)/.test(source) ? 2 : 1;
  const tex = source.slice(width, -width);
  if (tex.trim() === "") return;
  const displayMode = formula.classList.contains("display");
  let markup: string;
  try {
    // The source comes along for who copies or hears the formula. Sizes are bounded, and nothing is trusted.
    markup = temml.renderToString(tex, { displayMode, annotate: true, throwOnError: true, maxSize: [20, 20] });
  } catch {
    // Not TeX, or half of it, or nested too deep: the reader sees what the model wrote.
    return;
  }
  yield;
  if (!formula.isConnected || formula.textContent !== source || formula.childElementCount > 0) return;
  const rendered = harmlessMaths(markup);
  if (!rendered) return;
  formula.replaceChildren(rendered);
  // What scrolls must be reachable with the keyboard; a stop at every formula would be a nuisance.
  if (displayMode && formula.scrollWidth > formula.clientWidth) formula.setAttribute("tabindex", "0");
}
