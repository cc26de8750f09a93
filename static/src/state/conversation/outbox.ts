/**
 * What the visitor has said while an answer was still being written. It goes out, one after the other, when that has ended; until then
 * it can be taken back. Kept in this tab across reloads, once the conversation has an id.
 */
import { type ReadonlySignal, type Signal, effect, signal } from "@preact/signals";
import { load, store } from "../storage.ts";

export class Outbox {
  readonly waiting: Signal<readonly string[]>;

  constructor(id: ReadonlySignal<string | null>) {
    this.waiting = signal(kept(id.peek()));
    effect(() => {
      const texts = this.waiting.value;
      if (id.value !== null) store(nameOf(id.value), texts.length > 0 ? JSON.stringify(texts) : null, "tab");
    });
  }

  add(text: string): void {
    this.waiting.value = [...this.waiting.value, text];
  }

  /** Takes the text at `index` out. */
  take(index: number): string | undefined {
    const text = this.waiting.value[index];
    this.waiting.value = this.waiting.value.filter((_, at) => at !== index);
    return text;
  }
}

function kept(id: string | null): readonly string[] {
  const texts = id === null ? null : load(nameOf(id), "tab");
  return texts === null ? [] : (JSON.parse(texts) as string[]);
}

function nameOf(id: string): string {
  return `outbox.${id}`;
}
