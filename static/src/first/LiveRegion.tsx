/** The polite live region: says that an answer began and ended. */
import { announcement } from "../state/announcer.ts";
import { strings } from "./strings.ts";

export function LiveRegion() {
  const what = announcement.value;
  return (
    <p class="unseen" aria-live="polite">
      {what && strings[what]}
    </p>
  );
}
