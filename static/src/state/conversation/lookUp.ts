/** Looks up answers whose end is unknown, because no stream of theirs can be followed. */
import type { Thread } from "./thread.ts";

/** The first pause before an answer that cannot be followed is looked up, and the longest, in milliseconds. */
const LOOK_UP_AFTER = 1500;
const LOOK_UP_AT_LEAST = 15_000;
/** How many times in a row it is looked up without anything new: longer than the server takes to end what is dead. */
const LOOK_UPS = 14;

export class LookUp {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly thread: Thread,
    private readonly isIdle: () => boolean,
  ) {}

  /**
   * Looks up an answer that is still being written and cannot be resumed, at growing intervals, until it has ended: the server ends what
   * is dead. If it does not, the page does.
   */
  watch(lookUps = 0): void {
    clearTimeout(this.#timer);
    const open = this.thread.messages.value.filter(({ status }) => status.value === "streaming");
    if (!this.isIdle() || open.length === 0) return;
    if (lookUps === LOOK_UPS) {
      for (const { status } of open) status.value = "interrupted";
      return;
    }
    const length = () => open.reduce((sum, { text }) => sum + text.value.length, 0);
    const before = length();
    const pause = Math.min(LOOK_UP_AFTER * 1.5 ** lookUps, LOOK_UP_AT_LEAST);
    this.#timer = setTimeout(() => {
      void this.thread
        .refresh()
        .catch(() => undefined)
        .then(() => this.watch(length() > before ? 0 : lookUps + 1));
    }, pause);
  }
}
