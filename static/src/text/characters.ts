/** Characters as the API counts them: Unicode scalar values. */
export function characters(text: string): number {
  return Array.from(text).length;
}
