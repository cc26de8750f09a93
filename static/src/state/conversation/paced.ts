/** Collects pieces of text and hands them on a few times a second: tokens come faster than one can read, and each showing is rendered, laid out and painted. */

/** In milliseconds: still a flow to the eye. */
const EVERY = 33;

export class PacedText {
  #waiting = "";
  #shownAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly show: (text: string) => void) {}

  add(text: string): void {
    this.#waiting += text;
    this.#timer ??= setTimeout(() => this.flush(), Math.max(0, this.#shownAt + EVERY - performance.now()));
  }

  /** Hands on what is left. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#shownAt = performance.now();
    const text = this.#waiting;
    this.#waiting = "";
    if (text) this.show(text);
  }
}
