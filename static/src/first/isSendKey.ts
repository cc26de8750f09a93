/** Whether a key sends what is written: Enter, but not Shift + Enter. */
export function isSendKey(event: KeyboardEvent): boolean {
  // An Enter that ends an IME composition is no Enter. Safari ends the composition first and says 229.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing newer tells
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}
