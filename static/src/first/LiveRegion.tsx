/** The polite live region: says that an answer began and ended, and other things that are only seen. */
import { announcement } from "../state/announcer.ts";
import { strings } from "./strings.ts";

export function LiveRegion() {
  const said = announcement.value;
  const words = said && strings[said.what];
  return (
    <p class="unseen" aria-live="polite">
      {said && <span key={said.turn}>{typeof words === "function" ? words(...said.of) : words}</span>}
    </p>
  );
}
