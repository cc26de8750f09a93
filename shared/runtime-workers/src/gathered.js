// A stream of which Wasm takes what has come a few times a second: the runtime's pipe brings each chunk of a model by itself, and a call of Wasm for
// each would cost more than all the rest of the answer.

/** So much may lie here, in bytes: a reader who takes nothing holds back the stream. */
const MOST = 64 * 1024;

export class Gathered {
  #reader;
  #pieces = [];
  #bytes = 0;
  #isOver = false;
  /** Who waits for the next piece, or for room. */
  #come = null;
  #room = null;

  constructor(reader) {
    this.#reader = reader;
    void this.#gather();
  }

  async #gather() {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        this.#pieces.push(value);
        this.#bytes += value.byteLength;
        this.#come?.();
        if (this.#bytes >= MOST) await new Promise((resolve) => (this.#room = resolve));
      }
    } catch {
      // It broke off, which its bytes tell.
    }
    this.#isOver = true;
    this.#come?.();
  }

  async take() {
    if (this.#bytes === 0 && !this.#isOver) await new Promise((resolve) => (this.#come = resolve));
    if (this.#bytes === 0) return undefined;
    const all = new Uint8Array(this.#bytes);
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.byteLength;
    }
    [this.#pieces, this.#bytes] = [[], 0];
    this.#room?.();
    return all;
  }

  leave() {
    // One that is over already has nothing to cancel.
    this.#reader.cancel().catch(() => undefined);
    this.#room?.();
  }
}
