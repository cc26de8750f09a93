/**
 * The second line behind the markdown crate, which writes nothing harmful to begin with: a list of exactly those elements,
 * attributes and addresses that crate writes, enforced by the browser's own sanitizer, or by DOMPurify where there is none.
 *
 * It hands out nodes, never HTML, so the page itself uses no sink that Trusted Types guards.
 */
import type { Config, DOMPurify } from "dompurify";
import { sizeColumns } from "./columns.ts";
import { nameHosts } from "./hosts.ts";
import { tongueOf } from "../../text/tongues.ts";
import { words } from "./strings.ts";

const ELEMENTS = [
  ..."p h3 h4 h5 h6 blockquote ul ol li pre code em strong del sup sub a br hr div span details summary".split(" "),
  ..."kbd mark u ins s b i".split(" "),
  ..."table thead tbody tr th td".split(" "),
];
const ATTRIBUTES = ["href", "target", "rel", "class", "id", "start", "role", "aria-label", "data-language", "dir"];
const ADDRESS = /^(?:https?:\/\/|mailto:|#fn-)/i;

const CONFIG = {
  ALLOWED_TAGS: [...ELEMENTS, "#text"],
  ALLOWED_ATTR: ATTRIBUTES,
  ALLOWED_URI_REGEXP: ADDRESS,
  // To DOMPurify every attribute it does not know is an address.
  ADD_URI_SAFE_ATTR: ["target", "rel", "start", "aria-label", "data-language", "dir"],
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
} as const satisfies Config;

/** What TypeScript's DOM library does not know yet: https://wicg.github.io/sanitizer-api/ */
interface WithSanitizer extends Element {
  setHTML(html: string, options: { sanitizer: { elements: string[]; attributes: string[] } }): void;
}

/** A document without a window runs nothing and fetches nothing. */
const inert = document.implementation.createHTMLDocument().body as HTMLElement & WithSanitizer;

let purify: DOMPurify | null = null;
const hasOwn = "setHTML" in Element.prototype;

/** To be awaited before the first `sanitize`. */
export async function loadSanitizer(): Promise<void> {
  if (!hasOwn) purify ??= (await import("dompurify")).default;
}

/** The element that `html`, one block of markdown, describes. */
export function sanitize(html: string): Element {
  const element = (purify ? purified(purify, html) : sanitized(html)) ?? document.createElement("p");
  nameHosts(element);
  sayWhat(element);
  const tongue = element.matches(".code") ? undefined : tongueOf(element.textContent);
  if (tongue) element.setAttribute("lang", tongue);
  sizeColumns(element);
  return element;
}

/** Puts the page's own words where the crate has left room for them. */
function sayWhat(element: Element): void {
  if (element.matches(".thoughts")) element.querySelector("summary")?.append(words.thoughts);
  for (const task of element.querySelectorAll(".task"))
    task.setAttribute("aria-label", task.matches(".done") ? words.taskDone : words.taskToDo);
  for (const name of element.querySelectorAll(".head > span:empty")) name.append(words.plainCode);
}

function purified(purify: DOMPurify, html: string): Element | null {
  return purify.sanitize(html, CONFIG as unknown as Config & { RETURN_DOM_FRAGMENT: true }).firstElementChild;
}

function sanitized(html: string): Element | null {
  inert.setHTML(html, { sanitizer: { elements: ELEMENTS, attributes: ATTRIBUTES } });
  // The browser refuses `javascript:` only.
  for (const link of inert.querySelectorAll("[href]"))
    if (!ADDRESS.test(link.getAttribute("href") ?? "")) link.removeAttribute("href");
  return inert.firstElementChild;
}
