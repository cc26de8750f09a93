/**
 * The chat's side in the frame of another site (`/embed`), beside the page itself: the site that opens it gives it the focus, and Escape gives that
 * back, unless it meant something in the page. Only the sites that the server names (`EMBED_ORIGINS`) are heard and spoken to.
 */
import { onKeys } from "../browser/keys.ts";

const sites = document.documentElement.dataset.sites?.split(" ") ?? [];
/** Who has opened the frame. Nothing is said before somebody has. */
let site: string | null = null;

addEventListener("message", ({ data, origin, source }: MessageEvent<{ edgewise?: string } | null>) => {
  if (source !== parent || !sites.includes(origin) || data?.edgewise !== "open") return;
  site = origin;
  window.focus();
  document.querySelector<HTMLElement>(".composer textarea")?.focus();
});

onKeys((event) => {
  // What lies above the page is closed by the browser after this.
  if (event.key !== "Escape" || event.repeat || document.querySelector("dialog[open], :popover-open")) return;
  // Whoever else listens has heard it by then, in whichever order they came.
  setTimeout(() => {
    if (site !== null && !event.defaultPrevented) parent.postMessage({ edgewise: "close" }, site);
  });
});
