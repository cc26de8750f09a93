/** The focus moves to what the newest notice offers, once it is there: for who has acted by keyboard. */
export function focusNotice(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(".notice:last-child button")?.focus());
}
