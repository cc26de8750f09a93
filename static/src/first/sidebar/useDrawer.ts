/**
 * Where the sidebar is: on small screens a drawer. Focus goes in and comes back; Escape, Back, its button and the back of the veil close it.
 * On a large one it stands beside the chat, unless the visitor has folded it away.
 */
import {
  type ReadonlySignal,
  type Signal,
  effect,
  signal,
  useComputed,
  useSignal,
  useSignalEffect,
} from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { isLetter, onKeys } from "../../browser/keys.ts";
import { overlay } from "../../state/route.ts";
import { load, store } from "../../state/storage.ts";

/** The same sizes as in layout.css. */
const query = matchMedia("(width < 48rem) or (height < 30rem)");
const isSmall = signal(query.matches);
query.addEventListener("change", () => (isSmall.value = query.matches));

/** `public/theme.js` knows of it before the first paint. */
export const isFolded = signal(load("folded") !== null);
effect(() => {
  document.documentElement.toggleAttribute("data-folded", isFolded.value);
  store("folded", isFolded.value ? "" : null);
});

export interface Drawer {
  isOpen: Signal<boolean>;
  isHidden: ReadonlySignal<boolean>;
  isModal: ReadonlySignal<boolean>;
  toggle: () => void;
  close: () => void;
  panel: RefObject<HTMLDivElement | null>;
  opener: RefObject<HTMLButtonElement | null>;
}

export function useDrawer(): Drawer {
  const isOpen = useSignal(false);
  const isHidden = useComputed(() => (isSmall.value ? !isOpen.value : isFolded.value));
  const isModal = useComputed(() => isSmall.value && isOpen.value);
  const panel = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const leave = useRef<() => void>(undefined);

  const shut = () => {
    isOpen.value = false;
    // After `inert` has left the page's middle.
    requestAnimationFrame(() => opener.current?.focus());
  };
  const close = () => {
    if (!isOpen.value) return;
    leave.current?.();
    shut();
  };
  const toggle = () => {
    if (isModal.value) close();
    else if (isSmall.value) {
      isOpen.value = true;
      leave.current = overlay(shut);
    } else {
      // What had the focus in there goes out of sight.
      if (panel.current?.contains(document.activeElement)) opener.current?.focus();
      isFolded.value = !isFolded.value;
    }
  };

  useSignalEffect(() => {
    if (isModal.value) requestAnimationFrame(() => panel.current?.querySelector("a")?.focus());
  });
  // Before the browser paints: who sees the page may press the keys.
  useLayoutEffect(() =>
    onKeys((event) => {
      // What lies further in has heard it first; a dialog above is closed by the browser.
      if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
      if (event.key === "Escape" && isModal.peek()) close();
      else if ((event.ctrlKey || event.metaKey) && event.shiftKey && isLetter(event, "s")) toggle();
      else return;
      event.preventDefault();
    }),
  );

  return { isOpen, isHidden, isModal, toggle, close, panel, opener };
}
