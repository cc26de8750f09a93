/**
 * How wide a column is, by its head and the first row: a column with much text gets more room, one with next to none less. Both are
 * whole when the second row begins, or the table ends, so a column keeps its width while further rows come in and when the last one has come.
 */

/** How many characters a narrow column holds in a line. */
const SHORT = 4;
/** From how many characters on a cell is read in lines. */
const LONG = 24;

/** `isWhole`: nothing will be added to the block any more. */
export function sizeColumns(block: Element, isWhole = false): void {
  for (const table of block.querySelectorAll("table")) {
    const [first, second] = table.querySelectorAll("tbody tr");
    for (const [index, head] of [...table.querySelectorAll("th")].entries()) {
      const cell = second || isWhole ? (first?.children[index]?.textContent.length ?? 0) : 0;
      const length = Math.max(head.textContent.length, cell);
      head.classList.toggle("narrow", length <= SHORT);
      head.classList.toggle("wide", length >= LONG);
    }
  }
}
