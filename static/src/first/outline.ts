/** What an answer's blocks are to a keyboard and a screen reader, which their markup alone cannot say. */
import { strings } from "./strings.ts";

/** The answer's own heading is an `h2`. */
const ABOVE = 2;

/** The headings of an answer follow one another without a gap, with whichever level it begins. */
export function nameLevels(root: Element): void {
  const open: string[] = [];
  for (const heading of root.querySelectorAll("h3, h4, h5, h6")) {
    while ((open.at(-1) ?? "") >= heading.localName) open.pop();
    open.push(heading.localName);
    const level = String(ABOVE + open.length);
    if (heading.ariaLevel !== level) heading.ariaLevel = level;
  }
}

/** What is wider than the screen can be reached and scrolled by keyboard, and says what it is; what is not is no stop on the way. */
export function nameScrollers(root: Element): void {
  const [tables, code, formulas] = [strings.table, strings.code, strings.formula];
  for (const [selector, name] of [
    [".table", tables],
    ["pre", code],
    [".math.display", formulas],
  ] as const)
    for (const element of root.querySelectorAll(selector)) {
      const scrolls = element.scrollWidth > element.clientWidth + 1;
      if (element.hasAttribute("role") === scrolls) continue;
      const attributes = { tabindex: "0", role: "region", "aria-label": name };
      for (const [attribute, value] of Object.entries(attributes)) {
        if (scrolls) element.setAttribute(attribute, value);
        else element.removeAttribute(attribute);
      }
    }
}
