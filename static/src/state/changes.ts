/**
 * Which word about a thing is the newest: what the visitor did last, or the reply to what was asked last. Replies come late and out of
 * order; one that was asked for before the visitor's last change never wins, and what was deleted stays so.
 */
export class Changes {
  #time = 0;
  /** When the newest word about each thing was given, or asked for. */
  readonly #words = new Map<string, number>();
  /** Things whose change is on its way: no reply knows what will become of them. */
  readonly #busy = new Map<string, number>();
  readonly #deleted = new Set<string>();

  /** The time, for something that is asked for now. */
  ask(): number {
    return ++this.#time;
  }

  /** The visitor has changed it, here or in another tab. */
  touch(id: string): void {
    this.#words.set(id, ++this.#time);
  }

  /** Runs what changes it; a reply asked for before its end does not count. */
  async during<T>(id: string, change: () => Promise<T>): Promise<T> {
    this.#busy.set(id, (this.#busy.get(id) ?? 0) + 1);
    try {
      return await change();
    } finally {
      const left = (this.#busy.get(id) ?? 1) - 1;
      if (left > 0) this.#busy.set(id, left);
      else this.#busy.delete(id);
      this.touch(id);
    }
  }

  delete(id: string): void {
    this.#deleted.add(id);
    this.touch(id);
  }

  /** It was not deleted after all. */
  restore(id: string): void {
    this.#deleted.delete(id);
    this.touch(id);
  }

  isDeleted(id: string): boolean {
    return this.#deleted.has(id);
  }

  /** Whether the reply to what was asked for at `asked` may say what has become of it. */
  allows(id: string, asked: number): boolean {
    return !this.#deleted.has(id) && !this.#busy.has(id) && (this.#words.get(id) ?? 0) <= asked;
  }

  /** Like `allows`; if so, the reply is now the newest word. */
  accepts(id: string, asked: number): boolean {
    if (!this.allows(id, asked)) return false;
    this.#words.set(id, asked);
    return true;
  }
}
