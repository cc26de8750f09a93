/** The sidebar as a drawer on small screens: focus goes in and comes back; Escape, Back, its button and the back of the veil close it. */
import { type ReadonlySignal, type Signal, signal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { onKeys } from "../../browser/keys.ts";
import { overlay } from "../../state/route.ts";

/** The same sizes as in layout.css. */
const query = matchMedia("(width < 48rem) or (height < 30rem)");
const isSmall = signal(query.matches);
query.addEventListener("change", () => (isSmall.value = query.matches));

export interface Drawer {
  isOpen: Signal<boolean>;
  /** On a large screen the sidebar is simply there. */
  isHidden: ReadonlySignal<boolean>;
  isModal: ReadonlySignal<boolean>;
  open: () => void;
  close: () => void;
  panel: RefObject<HTMLDivElement | null>;
  opener: RefObject<HTMLButtonElement | null>;
}

export function useDrawer(): Drawer {
  const isOpen = useSignal(false);
  const isHidden = useComputed(() => isSmall.value && !isOpen.value);
  const isModal = useComputed(() => isSmall.value && isOpen.value);
  const panel = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const leave = useRef<() => void>(undefined);

  const shut = () => {
    isOpen.value = false;
    // After `inert` has left the page's middle.
    requestAnimationFrame(() => opener.current?.focus());
  };
  const open = () => {
    if (isOpen.value) return;
    isOpen.value = true;
    leave.current = overlay(shut);
  };
  const close = () => {
    if (!isOpen.value) return;
    leave.current?.();
    shut();
  };

  useSignalEffect(() => {
    if (isModal.value) requestAnimationFrame(() => panel.current?.querySelector("a")?.focus());
  });
  useEffect(() =>
    onKeys((event) => {
      // What lies further in has heard it first; a dialog above is closed by the browser.
      if (event.key !== "Escape" || !isModal.peek() || event.defaultPrevented) return;
      if (document.querySelector("dialog[open]")) return;
      event.preventDefault();
      close();
    }),
  );

  return { isOpen, isHidden, isModal, open, close, panel, opener };
}
