/** How much of a message's length is used. */
import { longestMessage } from "../../state/config.ts";
import { strings } from "../strings.ts";
import { number } from "../wording.ts";

export function CharacterCount({ length }: { length: number }) {
  return (
    <span class={length > longestMessage.value ? "trouble" : ""}>
      {strings.characters(number(length), number(longestMessage.value))}
    </span>
  );
}
