/** How much of a message's length is used. */
import { LONGEST_MESSAGE } from "./messageLength.ts";
import { strings } from "./strings.ts";
import { number } from "./wording.ts";

export function CharacterCount({ length }: { length: number }) {
  return (
    <span class={length > LONGEST_MESSAGE ? "trouble" : ""}>
      {strings.characters(number(length), number(LONGEST_MESSAGE))}
    </span>
  );
}
