/**
 * Never lets the focus fall off the page: where a control goes, is hidden, or can do nothing for now, because of what it was used for or because the
 * window has become another, the focus moves to what it belonged to. One rule for all of them, so that no action can forget it.
 */
import { focusComposer } from "./composer/focusComposer.ts";

/** What had the focus last, and what that stood in, the nearest first. */
let last: { element: Element; within: Element[] } | null = null;

addEventListener("focusin", ({ target }) => {
  if (!(target instanceof Element)) return;
  const within: Element[] = [];
  for (let one = target.parentElement; one; one = one.parentElement) within.push(one);
  last = { element: target, within };
});

const hasFocus = () => document.activeElement !== null && document.activeElement !== document.body;

/** Watches `root`. If the focused control goes without an action of the visitor's, the focus moves in the next frame, when the browser knows of it. */
export function keepFocus(root: Element): void {
  let isAsked = false;
  const ask = () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      if (
        last &&
        (isUseless(last.element) || isHidden(last.element)) &&
        (!hasFocus() || document.activeElement === last.element)
      )
        restore(last.within);
    });
  };
  // Where styles alone hide it, the browser takes the focus away, or the window has another size.
  addEventListener("focusout", ({ relatedTarget }) => relatedTarget ?? ask());
  addEventListener("resize", ask);
  new MutationObserver(() => {
    if (!last || !hasFocus() || isUseless(last.element)) ask();
  }).observe(root, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled", "inert"] });
}

function isUseless(element: Element): boolean {
  return !element.isConnected || element.matches(":disabled, [inert] *");
}

function isHidden(element: Element): boolean {
  return !element.checkVisibility({ visibilityProperty: true });
}

function restore(within: Element[]): void {
  const place = within.find(
    (one): one is HTMLElement => !isUseless(one) && !isHidden(one) && one.matches("article, dialog, [role=dialog]"),
  );
  const inside = place?.matches("article") ? place : place?.querySelector<HTMLElement>("button:enabled, a");
  if (inside) inside.focus({ preventScroll: true });
  // A field would open a phone's keyboard: there the page itself takes the focus.
  else if (matchMedia("(hover: hover)").matches) focusComposer();
  else document.querySelector<HTMLElement>("main")?.focus({ preventScroll: true });
}
