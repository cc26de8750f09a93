/**
 * MathML that may be shown: DOMPurify with the list of those elements and attributes that formulas need.
 *
 * The Content-Security-Policy refuses style attributes, and a formula needs a few. So they are parsed as something else, and
 * the harmless ones are set one by one, which it allows. Colours are not among them: those of a model could not be read both
 * in light and in dark.
 */
import type { Config, DOMPurify } from "dompurify";

const CONFIG = {
  ALLOWED_TAGS: [
    ..."math semantics annotation mrow mi mn mo ms mtext mspace mstyle mpadded mphantom menclose #text".split(" "),
    ..."msub msup msubsup munder mover munderover mmultiscripts mprescripts none mfrac msqrt mroot".split(" "),
    ..."mtable mtr mtd".split(" "),
  ],
  ALLOWED_ATTR: [
    ..."accent accentunder columnalign depth display displaystyle encoding fence form height largeop".split(" "),
    ..."linethickness lspace rspace mathvariant maxsize minsize movablelimits notation rowspacing".split(" "),
    ..."scriptlevel separator stretchy symmetric voffset width class data-style".split(" "),
  ],
  ALLOWED_URI_REGEXP: /^(?!)/,
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};
const SAFE = { ...CONFIG, ADD_URI_SAFE_ATTR: CONFIG.ALLOWED_ATTR } as Config & { RETURN_DOM_FRAGMENT: true };

const STYLES = new Set(
  [
    "border-top border-bottom border-left border-right border padding padding-top padding-bottom padding-left",
    "padding-right margin-left width height font-weight font-style math-depth text-align",
  ].flatMap((names) => names.split(" ")),
);
let purify: DOMPurify | undefined;

/** To be awaited before the first `sanitizeMaths`. An import of this module itself, should it fail once, would fail with it for ever. */
export async function loadPurify(): Promise<void> {
  purify ??= (await import("dompurify")).default;
}

/** The formula that `markup` describes, or nothing if it describes none. */
export function sanitizeMaths(markup: string): Element | null {
  // A quote inside a value or a text is escaped, so this meets attributes only.
  const fragment = purify?.sanitize(markup.replaceAll(' style="', ' data-style="'), SAFE);
  if (!fragment) return null;
  for (const element of fragment.querySelectorAll("[data-style]")) style(element);
  const [first, ...others] = fragment.children;
  return first?.localName === "math" && others.length === 0 ? first : null;
}

function style(element: Element): void {
  const wanted = element.getAttribute("data-style") ?? "";
  element.removeAttribute("data-style");
  // A browser that knows no MathML shows the letters only.
  if (!("style" in element)) return;
  for (const [name, value] of sanitizeStyles(wanted)) (element as MathMLElement).style.setProperty(name, value);
}

/** The declarations of `styles` that may be set. */
export function sanitizeStyles(styles: string): [string, string][] {
  const declarations = [...styles.matchAll(/([\w-]+):([^;]*)/g)];
  return declarations
    .map(([, name = "", value = ""]): [string, string] => [name, value.trim()])
    .filter(([name, value]) => STYLES.has(name) && isHarmless(value));
}

/** Words, numbers and units: no functions, so no addresses, and nothing so large that it leaves its place. */
function isHarmless(value: string): boolean {
  return /^[\w\s.%-]*$/.test(value) && (value.match(/\d+(?:\.\d+)?/g) ?? []).every((number) => Number(number) <= 100);
}
