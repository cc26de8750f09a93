/** The page on paper: while it is printed all messages that were read are in the document. The rest comes with `later/printing`. */
import { signal } from "@preact/signals";
import { lazily } from "../../browser/lazily.ts";
import { whenIdle } from "../../browser/whenIdle.ts";

/** Null: nothing was printed so far. */
export const isPrinting = signal<boolean | null>(null);

// The list is rendered again as soon as the listener returns, before the browser looks.
addEventListener("beforeprint", () => (isPrinting.value = true));
addEventListener("afterprint", () => (isPrinting.value = false));
// It is told of a print that was over before it came.
whenIdle(() => {
  lazily(() => import("../../later/printing/printAll.ts")).then(
    ({ watch }) => watch(isPrinting),
    () => undefined,
  );
});
