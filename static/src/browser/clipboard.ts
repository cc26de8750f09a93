/** Puts a text where it can be pasted from. */

/** `false`: the browser does not allow it, or the page is not a secure one, where there is no clipboard. */
export async function isCopied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
