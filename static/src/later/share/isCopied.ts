/** Puts an address where it can be pasted from. */

/** `false`: the browser does not allow it, or the page is not a secure one, where there is no clipboard. */
export async function isCopied(address: string | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(address ?? "");
    return true;
  } catch {
    return false;
  }
}
