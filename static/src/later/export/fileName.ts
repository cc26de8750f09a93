/** The name of a file that a chat is saved in: its title, as far as every system takes it. */

/**
 * The longest title in a name, in bytes of UTF-8: most systems take 255 with the ending, some that encrypt names 143, and browsers add a number
 * to a name that is taken.
 */
const LONGEST = 120;

/** What Windows takes for a device, whatever the ending. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d¹²³])(?: *\.|$)/i;

/** What no name may hold on one system or another, and what is not seen in it; the two joiners are part of words and pictures. */
const FORBIDDEN = /[\\/:*?"<>|\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu;

/** `untitled` is for a title of which nothing is left. */
export function fileName(title: string | null, untitled: string, ending: string): string {
  const plain = trimmed((title ?? "").normalize("NFC").replace(FORBIDDEN, " ").replace(/\s+/gu, " "));
  const name = trimmed(cut(plain)) || untitled;
  return `${DEVICE.test(name) ? "_" : ""}${name}.${ending}`;
}

/** Without a dot before it, which hides it, a hyphen or a tilde, which mean something to a shell, and without what Windows drops at its end. */
function trimmed(name: string): string {
  return name.replace(/^[\s.~-]+|[\s.]+$/gu, "");
}

/** As much as there is room for, cut between what a reader sees as characters. */
function cut(name: string): string {
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  let kept = "";
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(name)) {
    if (bytes(kept + segment) > LONGEST) break;
    kept += segment;
  }
  return kept;
}
