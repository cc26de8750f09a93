/** Grows a field with its text where the browser's own `field-sizing` does not. */
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

export function useGrowing(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const element = field.current;
    if (!element || CSS.supports("field-sizing", "content")) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [field, text]);
}
