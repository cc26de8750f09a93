export function focusComposer(): void {
  document.querySelector<HTMLElement>(".composer textarea")?.focus();
}
