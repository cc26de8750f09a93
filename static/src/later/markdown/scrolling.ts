/** What is wider than its place scrolls by itself: then it can be reached with the keyboard, under a name. Else it is no stop. */
import { words } from "../code/strings.ts";

const names = () => ({ pre: words.code, ".table": words.table, ".math.display": words.formula });

const observer = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(look);
/** What is watched for each element: its own width and that of what it holds. */
const scrollers = new WeakMap<Element, Element>();

/** Watches what may scroll in `block`. */
export function watchScrolling(block: Element): void {
  for (const selector of Object.keys(names())) {
    const inside = [...block.querySelectorAll(selector)];
    for (const element of block.matches(selector) ? [block, ...inside] : inside) watch(element);
  }
}

function watch(element: Element): void {
  for (const watched of [element, element.firstElementChild]) {
    if (!watched || !observer) continue;
    scrollers.set(watched, element);
    observer.observe(watched);
  }
}

function look(entries: ResizeObserverEntry[]): void {
  for (const element of new Set(entries.map(({ target }) => scrollers.get(target)))) if (element) mark(element);
}

function mark(element: Element): void {
  const name = Object.entries(names()).find(([selector]) => element.matches(selector))?.[1];
  if (name && element.scrollWidth > element.clientWidth) {
    element.setAttribute("tabindex", "0");
    element.setAttribute("role", "region");
    element.setAttribute("aria-label", name);
  } else for (const attribute of ["tabindex", "role", "aria-label"]) element.removeAttribute(attribute);
}
