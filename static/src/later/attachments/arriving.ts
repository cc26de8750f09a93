/** How something to attach gets here: by a paste into the field, or by files that are dropped anywhere on the page. */
import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

/** From here on a paste is rather looked at than written on, in characters. */
export const LONG_PASTE = 2_000;

/** A paste that is long goes to `onText`, one of files to `onFiles`; every other is the field's. */
export function usePaste(
  field: RefObject<HTMLTextAreaElement | null>,
  onText: (text: string) => void,
  onFiles: (files: File[]) => void,
): void {
  // Before the browser paints: who sees the button that attaches may paste.
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    const onPaste = (event: ClipboardEvent) => {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      const files = [...(event.clipboardData?.files ?? [])];
      // A spreadsheet brings a picture of itself along, and a file its name.
      const isFiles = files.length > 0 && (text === "" || files.some(({ name }) => name === text));
      // What is pasted over something takes its place.
      const isOver = element.selectionStart !== element.selectionEnd;
      if (isFiles) onFiles(files);
      else if (text.length > LONG_PASTE && !isOver) onText(text);
      else return;
      event.preventDefault();
    };
    element.addEventListener("paste", onPaste);
    return () => element.removeEventListener("paste", onPaste);
  });
}

/** Whether files are held over the page; those that are dropped go to `onFiles`, as long as `field` can be seen, unless they are dropped on a message that is edited. */
export function useDrop(field: RefObject<HTMLTextAreaElement | null>, onFiles: (files: File[]) => void): boolean {
  const [isOver, setOver] = useState(false);
  // Before the browser paints: who sees the button that attaches may drop files.
  useLayoutEffect(() => {
    const gone = new AbortController();
    const on = (name: "dragover" | "dragleave" | "drop", handle: (event: DragEvent) => void) => {
      const handleFiles = (event: DragEvent) => {
        if (!event.dataTransfer?.types.includes("Files") || !isInReach(field.current)) return;
        // What is dropped on another message is not meant for this one.
        if (isInEdit(event.target)) setOver(false);
        else handle(event);
      };
      // Before `later/textOnly`, which refuses what is left.
      addEventListener(name, handleFiles, { capture: true, signal: gone.signal });
    };
    on("dragover", (event) => {
      event.preventDefault();
      setOver(true);
    });
    on("dragleave", ({ relatedTarget }) => {
      if (relatedTarget === null) setOver(false);
    });
    on("drop", (event) => {
      event.preventDefault();
      setOver(false);
      onFiles([...(event.dataTransfer?.files ?? [])]);
    });
    return () => gone.abort();
  });
  return isOver;
}

function isInEdit(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(".edit") !== null;
}

/** Whether the composer is seen, and lies neither under a dialog nor under the open list of chats. */
function isInReach(field: HTMLElement | null): boolean {
  return field?.checkVisibility() === true && document.querySelector("dialog[open], [aria-modal=true]") === null;
}
