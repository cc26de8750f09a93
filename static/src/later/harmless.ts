/**
 * The second line behind the markdown crate, which writes nothing harmful to begin with: DOMPurify with the list of
 * exactly those elements, attributes and addresses that crate writes.
 *
 * It hands out nodes, never HTML, so the page itself uses no sink that Trusted Types guards.
 */
import DOMPurify, { type Config } from "dompurify";
import { nameHosts } from "./hosts.ts";

const CONFIG = {
  ALLOWED_TAGS: [
    ..."p h3 h4 h5 h6 blockquote ul ol li pre code em strong del sup sub a br hr div span #text".split(" "),
    ..."table thead tbody tr th td".split(" "),
  ],
  ALLOWED_ATTR: [
    "href",
    "target",
    "rel",
    "class",
    "id",
    "start",
    "tabindex",
    "role",
    "aria-label",
    "data-language",
    "dir",
  ],
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:|#fn-)/i,
  // To DOMPurify every attribute it does not know is an address.
  ADD_URI_SAFE_ATTR: ["target", "rel", "start", "tabindex", "aria-label", "data-language", "dir"],
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
} as const satisfies Config;

/** The element that `html`, one block of markdown, describes. */
export function harmless(html: string): Element {
  const fragment = DOMPurify.sanitize(html, CONFIG as unknown as Config & { RETURN_DOM_FRAGMENT: true });
  nameHosts(fragment);
  return fragment.firstElementChild ?? document.createElement("p");
}
