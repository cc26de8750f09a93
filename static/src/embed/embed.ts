/**
 * What another site loads (`/embed.js`): a button that opens the chat in a frame. It imports nothing and leaves no names in that site's page.
 *
 * Its part of the talk with the frame: `open` goes to our origin alone, `close` is heard from our own frame alone (`frame.ts` is the other side).
 */
const STYLE = `
:host{all:initial;position:fixed;bottom:1rem;z-index:2147483647;color-scheme:light dark}
:host([data-position=right]){right:1rem}
:host([data-position=left]){left:1rem}
button{all:unset;box-sizing:border-box;display:block;width:3.5rem;height:3.5rem;padding:1rem;border-radius:50%;cursor:pointer;
color:light-dark(#fff,#0c2825);background:light-dark(#0d6b62,#6fd3c3);box-shadow:0 2px 12px #0006}
button:focus-visible{outline:3px solid light-dark(#0d6b62,#6fd3c3);outline-offset:3px}
:host([data-position=right]) button{margin-left:auto}
svg{display:block;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
iframe{display:block;box-sizing:border-box;width:min(25rem,100vw - 2rem);height:min(40rem,100dvh - 6.5rem);
margin-bottom:1rem;border:1px solid #8888;border-radius:.75rem;background:light-dark(#faf9f6,#171614);box-shadow:0 4px 24px #0005}
[hidden]{display:none}
@media(forced-colors:active){button{border:1px solid}}`;

/** Strokes in a field of 20 by 20: a bubble, a cross. */
const SHAPES = { closed: "M3 4h14v10H9l-4 3v-3H3z", open: "M5 5l10 10M15 5 5 15" };
const SVG = "http://www.w3.org/2000/svg";

// An async script in the head is here before the body is.
const begin = start.bind(null, document.currentScript as HTMLScriptElement);
if (document.querySelector("body")) begin();
else document.addEventListener("DOMContentLoaded", begin);

function start({ src, dataset }: HTMLScriptElement): void {
  const { origin } = new URL(src);
  const label = dataset.label ?? "Chat";
  const host = document.createElement("edgewise-chat");
  host.dataset.position = dataset.position === "left" ? "left" : "right";
  const root = host.attachShadow({ mode: "open" });
  // The site's own policy may forbid styles in elements; a sheet that is constructed is none.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const button = document.createElement("button");
  button.type = "button";
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("viewBox", "0 0 20 20");
  icon.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "path");
  icon.append(shape);
  button.append(icon);
  button.setAttribute("aria-label", label);
  root.append(button);
  let frame: HTMLIFrameElement | undefined;

  /** Tells the frame to take the focus: what it holds belongs to another origin, and only it can. */
  const greet = () => {
    // What had the focus before it was loaded has lost it by then.
    if (root.activeElement === frame) frame.contentWindow?.focus();
    frame?.contentWindow?.postMessage({ edgewise: "open" }, origin);
  };
  const show = (isOpen: boolean) => {
    button.setAttribute("aria-expanded", String(isOpen));
    shape.setAttribute("d", SHAPES[isOpen ? "open" : "closed"]);
    if (frame) frame.hidden = !isOpen;
    if (!isOpen) return;
    if (frame) greet();
    else {
      // Who never opens it loads nothing of it.
      frame = document.createElement("iframe");
      frame.title = label;
      frame.allow = "clipboard-write";
      frame.onload = greet;
      frame.src = `${origin}/embed`;
      root.prepend(frame);
    }
    frame.focus();
  };
  const close = () => {
    show(false);
    button.focus();
  };
  button.onclick = () => {
    if (frame && !frame.hidden) close();
    else show(true);
  };
  button.onkeydown = ({ key }) => {
    if (key === "Escape" && frame && !frame.hidden) close();
  };
  addEventListener("message", ({ data, origin: from, source }: MessageEvent<{ edgewise?: string } | null>) => {
    if (from === origin && source === frame?.contentWindow && data?.edgewise === "close") close();
  });
  show(false);
  document.body.append(host);
}
