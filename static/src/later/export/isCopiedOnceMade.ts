/** Copies what is still being made. */
import { isCopied } from "../../browser/clipboard.ts";

/**
 * As `isCopied`, of a text that may take its time. Browsers let a page copy only while a click is fresh, so the clipboard is asked for at once, and
 * given the text when it is there. Rejects with what kept the text from being made.
 */
export async function isCopiedOnceMade(text: Promise<string>): Promise<boolean> {
  if (!("ClipboardItem" in window)) return isCopied(await text);
  const blob = text.then((plain) => new Blob([plain], { type: "text/plain" }));
  // If the text is not made, this is said by itself below.
  blob.catch(() => undefined);
  try {
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    return true;
  } catch {
    await text;
    return false;
  }
}
