/** A line of backticks that begins and ends a block of code, and that nothing in `text` ends: it is longer than any run of them there. */
export function fenceAround(text: string): string {
  let longest = 2;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return "`".repeat(longest + 1);
}
