/** How long a message may be. */
import { characters } from "../state/message.ts";

/** The API's default limit, in characters; it counts code points, as we do. */
export const LONGEST_MESSAGE = 4000;
/** From here on the count is shown. */
const NEARLY_FULL = 0.8 * LONGEST_MESSAGE;

/** The number of characters of `text`, or 0 while it is far from the limit. */
export function lengthNearLimit(text: string): number {
  return text.length > NEARLY_FULL ? characters(text) : 0;
}
