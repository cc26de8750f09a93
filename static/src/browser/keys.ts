/** Key presses, for every handler of them: those that belong to an input method's composition are left out. */

/** A handler that hears nothing of a composition: neither the Enter that ends one nor the Escape that gives it up. */
export function keys<E extends KeyboardEvent>(handle: (event: E) => void): (event: E) => void {
  return (event) => {
    // Safari ends the composition first, and says 229.
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing newer tells
    if (!event.isComposing && event.keyCode !== 229) handle(event);
  };
}

/** Whether the key is that of a Latin letter, in whichever case, also where a keyboard writes other letters. */
export function isLetter({ key, code }: KeyboardEvent, letter: string): boolean {
  return key.toLowerCase() === letter || (!/^[ -~]$/.test(key) && code === `Key${letter.toUpperCase()}`);
}

/** Hears keys wherever they are pressed; the result ends it. */
export function onKeys(handle: (event: KeyboardEvent) => void): () => void {
  const listener = keys(handle);
  addEventListener("keydown", listener);
  return () => removeEventListener("keydown", listener);
}
