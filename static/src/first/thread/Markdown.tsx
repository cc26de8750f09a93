/** A message's text, rendered as it grows. Until the renderer is here it is shown as it is. */
import { effect } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { withFewMarks } from "../../text/marks.ts";
import type { MarkdownView } from "../../later/markdown/view.ts";
import type { ShownMessage } from "../../state/conversation/message.ts";
import { loadMarkdown, markdown } from "./loadMarkdown.ts";

export function Markdown({ message }: { message: ShownMessage }) {
  const root = useRef<HTMLDivElement>(null);

  // A layout effect: what is there is in place before the first paint and before anybody measures the list.
  useLayoutEffect(() => {
    let view: MarkdownView | null = null;
    void loadMarkdown();
    const stop = effect(() => {
      const element = root.current;
      if (!element) return;
      const View = markdown.value;
      const isFinished = message.status.value !== "streaming";
      const text = message.text.value;
      element.classList.toggle("plain", !View);
      if (!View) {
        element.textContent = withFewMarks(text);
        return;
      }
      view ??= new View(element, message.id);
      view.update(text, isFinished);
    });
    return () => {
      stop();
      view?.dispose();
    };
  }, [message]);

  return <div class="prose" dir="auto" ref={root} />;
}
