/** Words that come in by voice, where the cursor is in a text that can still be edited meanwhile. */

/** Scripts that are written without spaces between words. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]/u;

export class Inserting {
  #before: string;
  #after: string;
  /** The text as it was last put together. */
  #text: string;
  /** How many of the results were there before: they stand where they stand. */
  #from = 0;

  constructor(text: string, start: number, end = start) {
    this.#text = text;
    this.#before = text.slice(0, start);
    this.#after = text.slice(end);
  }

  /** Where the cursor belongs. */
  get caret(): number {
    return this.#text.length - this.#after.length;
  }

  /**
   * The text with all that was understood so far; `results` grow, and the last of them may still change. If `text` is not what was put together
   * last, somebody has edited it: what is said from now on goes to `caret`.
   */
  next(text: string, caret: number, results: readonly string[]): string {
    if (text !== this.#text) {
      this.#before = text.slice(0, caret);
      this.#after = text.slice(caret);
      this.#from = Math.max(0, results.length - 1);
    }
    const said = results.slice(this.#from).join("").trim();
    const words = said && `${spaced(this.#before, said)}${said}`;
    this.#text = this.#before + words + (words && spaced(words, this.#after)) + this.#after;
    return this.#text;
  }
}

/** What belongs between two pieces of a text. */
function spaced(before: string, after: string): string {
  const [last = "", first = ""] = [Array.from(before).at(-1), Array.from(after)[0]];
  if (last === "" || first === "" || /\s|[([{“‘"'¿¡/-]/u.test(last) || /[\s.,;:!?)\]}”’]/u.test(first)) return "";
  return UNSPACED.test(last) || UNSPACED.test(first) ? "" : " ";
}
