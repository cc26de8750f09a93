/** The sidebar as a drawer on narrow screens: focus goes in and comes back, Escape and the back of the veil close it. */
import { type ReadonlySignal, type Signal, signal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { onKeys } from "./keys.ts";

/** The same width as in layout.css. */
const query = matchMedia("(width < 48rem)");
const isNarrow = signal(query.matches);
query.addEventListener("change", () => (isNarrow.value = query.matches));

export interface Drawer {
  isOpen: Signal<boolean>;
  /** On a wide screen the sidebar is simply there. */
  isHidden: ReadonlySignal<boolean>;
  isModal: ReadonlySignal<boolean>;
  open: () => void;
  close: () => void;
  panel: RefObject<HTMLDivElement | null>;
  opener: RefObject<HTMLButtonElement | null>;
}

export function useDrawer(): Drawer {
  const isOpen = useSignal(false);
  const isHidden = useComputed(() => isNarrow.value && !isOpen.value);
  const isModal = useComputed(() => isNarrow.value && isOpen.value);
  const panel = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);

  const open = () => (isOpen.value = true);
  const close = () => {
    if (!isOpen.value) return;
    isOpen.value = false;
    // After `inert` has left the page's middle.
    requestAnimationFrame(() => opener.current?.focus());
  };

  useSignalEffect(() => {
    if (isModal.value) requestAnimationFrame(() => panel.current?.querySelector("a")?.focus());
  });
  useEffect(() =>
    onKeys((event) => {
      if (event.key === "Escape" && isModal.peek() && !event.defaultPrevented) close();
    }),
  );

  return { isOpen, isHidden, isModal, open, close, panel, opener };
}
