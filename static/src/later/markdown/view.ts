/** Shows a growing markdown text in an element, block by block. The Wasm must have been loaded: `markdown.ts` does that. */
import { Document as MarkdownDocument } from "../../generated/markdown.js";
import { sanitize } from "./sanitize.ts";
import { lazily } from "../../browser/lazily.ts";
import type { Maths } from "../maths/maths.ts";
import { fewMarks } from "../../text/marks.ts";
import { morph } from "./morph.ts";
import { sizeColumns } from "./columns.ts";

/** Decorations under way. */
const decorating = new Set<Promise<void>>();

/** Once every decoration asked for so far is there. */
export async function decorated(): Promise<void> {
  while (decorating.size > 0) await Promise.all(decorating);
}

/** What sets formulas, once the first one was met. */
let maths: Maths | undefined;
let wasMathsAskedFor = false;
/** A text does not wait longer than this for its formulas. */
const LONGEST_WAIT_MS = 2_000;

/** Blocks that lack something which could not be loaded. */
const raw = new Set<Element>();

/** Decorates a block that nothing will be added to any more, if there is something in it for that. */
function decorate(block: Element): void {
  if (!block.querySelector("pre, .math, table")) return;
  raw.delete(block);
  sizeColumns(block, true);
  const decoration: Promise<void> = lazily(() => import("./decorate.ts"))
    .then((module) => module.decorate(block))
    // What can be loaded again may be what others lack.
    .then(() => MarkdownView.decorateAgain())
    // What cannot be loaded leaves the text as it was, until something can, or the connection is back.
    .catch((thrown: unknown) => {
      console.warn(thrown);
      raw.add(block);
    })
    .finally(() => decorating.delete(decoration));
  decorating.add(decoration);
}

export class MarkdownView {
  #document: MarkdownDocument;
  #text = "";
  #tamed = fewMarks();
  /** The HTML that each block was made of. */
  #shown: string[] = [];
  /** How many leading blocks have been decorated: all that nothing can be added to any more. */
  #closed = 0;
  /** What to show once formulas can be set. */
  #held: { text: string; isFinished: boolean } | null = null;
  #isHeld = false;
  #isDisposed = false;
  /** Whether the text has been seen growing. What comes whole is set when there is time. */
  #hasGrown = false;

  /** `anchor` keeps the footnotes of two views apart. */
  constructor(
    private readonly root: Element,
    private readonly anchor: string,
  ) {
    this.#document = new MarkdownDocument(anchor);
    root.replaceChildren();
  }

  /** Shows `text`, which is usually what was shown before and some more. */
  update(text: string, isFinished: boolean): void {
    if (this.#isHeld) {
      this.#held = { text, isFinished };
      return;
    }
    this.#hasGrown ||= !isFinished;
    if (!text.startsWith(this.#text)) this.#restart();
    const end = isFinished ? text.length : wholeCharacters(text);
    const blocks = this.#document.push(this.#tamed(text.slice(this.#text.length, end)));
    this.#text = text.slice(0, end);
    if (!isFinished && !wasMathsAskedFor && blocks.some((html) => html.includes('class="math'))) {
      this.#hold(blocks);
      return;
    }
    this.#show(blocks, isFinished);
    if (isFinished) this.#show(this.#document.finish(), isFinished);
  }

  /** The first formula has just been written: it is shown when it can be set, or what is written after it would move then. */
  #hold(blocks: string[]): void {
    this.#isHeld = wasMathsAskedFor = true;
    const waiting: Promise<void> = Promise.race([
      lazily(async () => (await import("../maths/maths.ts")).load()).then((loaded) => void (maths = loaded), console.warn),
      new Promise<void>((resolve) => setTimeout(resolve, LONGEST_WAIT_MS)),
    ]).finally(() => {
      decorating.delete(waiting);
      this.#isHeld = false;
      if (this.#isDisposed) return;
      this.#show(blocks, false);
      if (this.#held) this.update(this.#held.text, this.#held.isFinished);
      this.#held = null;
    });
    decorating.add(waiting);
  }

  /** Decorates what could not be decorated when it was shown. */
  static decorateAgain(): void {
    for (const block of [...raw]) {
      raw.delete(block);
      if (block.isConnected) decorate(block);
    }
  }

  /** Gives the Wasm memory back. */
  dispose(): void {
    this.#isDisposed = true;
    this.#document.free();
  }

  #restart(): void {
    this.#document.free();
    this.#document = new MarkdownDocument(this.anchor);
    this.#text = "";
    this.#tamed = fewMarks();
  }

  #show(blocks: string[], isFinished: boolean): void {
    const kept = this.#document.kept;
    const changed = new Set<number>();
    blocks.forEach((html, index) => {
      const at = kept + index;
      // A note at the end changes what is far above, and nothing between.
      if (this.#shown[at] === html) return;
      this.#shown[at] = html;
      changed.add(at);
      const next = sanitize(html);
      if (this.#hasGrown) maths?.typesetAtOnce(next);
      const present = this.root.children[at];
      if (!present) this.root.append(next);
      else if (present.nodeName === next.nodeName) morph(present, next);
      else present.replaceWith(next);
    });
    const count = kept + blocks.length;
    this.#shown.length = count;
    while (this.root.children.length > count) this.root.lastElementChild?.remove();

    const to = isFinished ? count : Math.max(count - 1, 0);
    [...this.root.children].slice(0, to).forEach((block, at) => {
      if (changed.has(at) || at >= this.#closed) decorate(block);
    });
    this.#closed = to;
  }
}

/** Where `text` can be cut without leaving half a surrogate pair, which would not survive the way to Wasm. */
function wholeCharacters(text: string): number {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.length - 1 : text.length;
}
