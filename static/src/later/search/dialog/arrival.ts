/** What becomes of a message that was gone to: it stands where it can be read, has the focus, and is marked for a moment. */
import { keys } from "../../../browser/keys.ts";
import { lowered } from "./marking.ts";

/** How long the message is marked, in milliseconds. */
const MARKED_MS = 2500;
/** How long what comes in around it, such as colours of code, may not push it away, in milliseconds. */
const HELD_MS = 3000;
/** How much of what is before a message is seen above it, in CSS pixels; less in a low view. */
const FROM_TOP = 64;

/** `text` is what was found in it. The mark on the text stays until the focus leaves the message. */
export function arrive(message: HTMLElement, text: string): void {
  const scroller = message.closest<HTMLElement>("[data-scroller]");
  if (!scroller) return;
  const gone = new AbortController();
  const { signal } = gone;
  const letGo = () => {
    observer.disconnect();
    gone.abort();
  };
  const align = () => {
    if (!message.isConnected) {
      letGo();
      return;
    }
    const range = placeIn(message, text);
    show(range);
    const view = scroller.getBoundingClientRect();
    const beginning = message.getBoundingClientRect().top - view.top - Math.min(view.height / 4, FROM_TOP);
    // Its beginning near the top, or what was found in the middle, where that is further down.
    const found = range ? range.getBoundingClientRect().top - view.top - view.height / 2 : beginning;
    scroller.scrollTop += Math.max(beginning, found);
  };
  const observer = new ResizeObserver(align);
  if (message.parentElement) observer.observe(message.parentElement);
  align();
  for (const kind of ["wheel", "touchstart", "pointerdown"])
    scroller.addEventListener(kind, letGo, { signal, passive: true });
  scroller.addEventListener("keydown", keys(letGo), { signal });
  setTimeout(letGo, HELD_MS);

  message.dataset.found = "";
  setTimeout(() => delete message.dataset.found, MARKED_MS);
  message.addEventListener("blur", () => show(null), { once: true });
  // A drawer that closes gives the focus to its button with this frame, and the composer takes it when it comes to the screen.
  requestAnimationFrame(() => message.focus({ preventScroll: true }));
}

const hasHighlights = "highlights" in CSS;

function show(range: Range | null): void {
  if (!hasHighlights) return;
  if (range) CSS.highlights.set("found", new Highlight(range));
  else CSS.highlights.delete("found");
}

/** The first place of `text` that is seen in what the message says; its markdown is not there any more, so there may be none. */
function placeIn(message: HTMLElement, text: string): Range | null {
  const said = message.querySelector(".prose, .bubble");
  if (!said || text === "") return null;
  const nodes: { node: Text; start: number }[] = [];
  let all = "";
  const walker = document.createTreeWalker(said, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    nodes.push({ node: node as Text, start: all.length });
    all += (node as Text).data;
  }
  const [there, wanted] = [lowered(all), lowered(text)];
  const setTo = (at: number, set: (node: Text, offset: number) => void) => {
    const found = nodes.findLast(({ start }) => start <= at);
    if (found) set(found.node, at - found.start);
  };
  for (let at = there.indexOf(wanted); at >= 0; at = there.indexOf(wanted, at + 1)) {
    const range = new Range();
    setTo(at, (node, offset) => range.setStart(node, offset));
    setTo(at + wanted.length - 1, (node, offset) => range.setEnd(node, offset + 1));
    if (range.getClientRects().length > 0) return range;
  }
  return null;
}
