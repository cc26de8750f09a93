/** Ways of a text out of the page. */

/** Has the browser save `text` under this name. */
export function save(text: string, name: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Once the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/**
 * Copies a text that may take its time. Browsers let a page copy only while a click is fresh, so the clipboard is asked for at once, and given the
 * text when it is there. Rejects with what kept the text from being made, or with what the browser says.
 */
export async function copy(text: Promise<string>): Promise<void> {
  if (!("ClipboardItem" in window)) return navigator.clipboard.writeText(await text);
  const blob = text.then((plain) => new Blob([plain], { type: "text/plain" }));
  // If the text is not made, this is said by itself below.
  blob.catch(() => undefined);
  try {
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
  } catch (thrown) {
    await text;
    throw thrown;
  }
}
