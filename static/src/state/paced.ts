/** Collects pieces of text and hands them on once a frame: tokens come faster than a screen can show. */
export class PacedText {
  #waiting = "";
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly show: (text: string) => void) {}

  add(text: string): void {
    this.#waiting += text;
    if (this.#timer !== undefined) return;
    // A hidden tab has no frames; there the timer takes over.
    this.#frame = requestAnimationFrame(() => this.flush());
    this.#timer = setTimeout(() => this.flush(), 250);
  }

  /** Hands on what is left. */
  flush(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#waiting;
    this.#waiting = "";
    if (text) this.show(text);
  }
}
