/** How long a message is, where that matters. */
import { longestMessage } from "../../state/config.ts";
import { asKept } from "../../state/conversation/draft.ts";
import { characters } from "../../text/characters.ts";

/** From this share of the limit on the count is shown. */
const NEARLY_FULL = 0.8;

/** The number of characters of `text`, or 0 while it is far from the limit. */
export function lengthNearLimit(text: string): number {
  return text.length > NEARLY_FULL * longestMessage.value ? characters(asKept(text)) : 0;
}
