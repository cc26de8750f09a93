/** What can be done with a session: a menu above the page, beside the button that opened it. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Session } from "../../api/types.ts";
import { keys } from "../../browser/keys.ts";
import { openExport } from "./openExport.ts";
import { openShare } from "./openShare.ts";
import type { Page } from "./page.ts";
import { pin } from "./pin.ts";
import { begin } from "./selection.ts";
import { words } from "./strings.ts";

interface Props {
  page: Page;
  button: RefObject<HTMLButtonElement | null>;
  name: string;
  session: Session;
  /** Whether it stands in the list: several can be selected there. */
  isInList?: boolean;
  onChoose: (mode: "renaming" | "asking") => void;
  /** The session is about to be on screen: what lies over that makes room. */
  onOpen: () => void;
  onClose: () => void;
}

export function RowMenu({ page, button, name, session, isInList = true, onChoose, onOpen, onClose }: Props) {
  const menu = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const [element, anchor] = [menu.current, button.current];
    if (!element || !anchor) return;
    element.showPopover();
    place(element, anchor.getBoundingClientRect());
    element.querySelector("button")?.focus();
    const gone = new AbortController();
    const options = { capture: true, signal: gone.signal };
    const onPointer = ({ target }: Event) => {
      if (target instanceof Node && !element.contains(target) && !anchor.contains(target)) onClose();
    };
    addEventListener("pointerdown", onPointer, options);
    // It would stay where it is while its button goes away. A scroll that came before is told later.
    const { top } = anchor.getBoundingClientRect();
    const onScroll = () => {
      if (anchor.getBoundingClientRect().top !== top) onClose();
    };
    addEventListener("scroll", onScroll, options);
    addEventListener("resize", onClose, options);
    return () => gone.abort();
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    const items = [...(menu.current?.querySelectorAll("button") ?? [])];
    const at = items.findIndex((item) => item === document.activeElement);
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
    const step = steps[event.key];
    if (step !== undefined) items.at(step % items.length)?.focus();
    else if (event.key !== "Escape" && event.key !== "Tab") return;
    else {
      button.current?.focus();
      onClose();
    }
    // Tab moves on from the button, as if there were no menu.
    if (event.key !== "Tab") event.preventDefault();
  };

  const share = () => {
    button.current?.focus();
    onClose();
    openShare(page, session);
  };
  const take = () => {
    // The dialog gives the focus back to what has it now.
    button.current?.focus();
    onClose();
    openExport(page, session, onOpen);
  };

  return (
    <div class="row-menu" role="menu" aria-label={name} popover="manual" ref={menu} onKeyDown={keys(onKeyDown)}>
      <button role="menuitem" tabIndex={-1} onClick={() => onChoose("renaming")}>
        {page.icon("pencil")}
        {words.rename}
      </button>
      <button
        role="menuitem"
        tabIndex={-1}
        onClick={({ detail }) => {
          onClose();
          // A click by keyboard has no count.
          pin(page, session, detail === 0);
        }}
      >
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
          <path d="M7 3h6l-1 5 3 4H5l3-4zM10 12v5" />
        </svg>
        {session.pinned ? words.unpin : words.pin}
      </button>
      <button role="menuitem" tabIndex={-1} aria-haspopup="dialog" onClick={take}>
        {page.icon("down")}
        {words.take}
      </button>
      <button role="menuitem" tabIndex={-1} aria-haspopup="dialog" onClick={share}>
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
          <path d="M10 12V3M6.5 6.5L10 3l3.5 3.5M5 9.5V16h10V9.5" />
        </svg>
        {words.share}
      </button>
      {isInList && (
        <button
          role="menuitem"
          tabIndex={-1}
          onClick={() => {
            onClose();
            begin(session);
          }}
        >
          {page.icon("check")}
          {words.select}
        </button>
      )}
      <button role="menuitem" tabIndex={-1} onClick={() => onChoose("asking")}>
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
          <path d="M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6M8.5 9v4.5M11.5 9v4.5" />
        </svg>
        {words.remove}
      </button>
    </div>
  );
}

/** Below the button, or above it where there is no room below. */
export function place(menu: HTMLElement, { top, bottom, right }: DOMRect): void {
  const { width, height } = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(0, right - width)}px`;
  menu.style.top = `${bottom + height > innerHeight ? Math.max(0, top - height) : bottom}px`;
}
