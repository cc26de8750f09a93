/** Tables as a file that programs for tables open (RFC 4180). */

export type Cell = string | number | null;

/** What such programs take for a formula, and would carry out. */
const FORMULA = /^[\s]*[=+\-@]|^[\t\r]/;

/** One cell. A text that begins like a formula has an apostrophe before it, which makes it a text again; a number stays one. */
function written(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return text !== cell || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(written).join(",")}\r\n`).join("");
}
