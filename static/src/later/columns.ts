/**
 * Columns that can do with less room, told by their heads: `#`, `Nr.`, `Day`. The head of a table is whole when the table is
 * seen for the first time, so a column keeps its width while rows come in and when the last one has come.
 */

/** As many characters as a narrow column holds in a line. */
const SHORT = 4;

export function narrowColumns(block: Element): void {
  for (const head of block.querySelectorAll("th")) if (head.textContent.length <= SHORT) head.classList.add("narrow");
}
