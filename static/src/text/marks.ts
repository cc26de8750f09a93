/**
 * Marks that combine with the letter before them, as accents do. No language puts many on one letter; thousands of them freeze the
 * page while their place is worked out.
 */
const MOST = 12;
const TOO_MANY = new RegExp(`(\\p{M}{${MOST}})\\p{M}+`, "gu");

/** `text` with at most a dozen marks on a letter. */
export function withFewMarks(text: string): string {
  return text.replace(TOO_MANY, "$1");
}

/** The same for a text that comes in pieces: a function of each next piece. */
export function fewMarks(): (piece: string) => string {
  let end = "";
  return (piece) => {
    const next = withFewMarks(end + piece).slice(end.length);
    // Marks may be pairs of code units, which are not torn apart.
    end = (end + next).slice(-2 * MOST).replace(/^[\udc00-\udfff]/, "");
    return next;
  };
}
