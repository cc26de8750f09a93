/** The page's one polite live region: says that an answer began and ended, and other things that are only seen. */
import { announcements } from "../../state/announcer.ts";
import { Words } from "../Words.tsx";
import { strings } from "../strings.ts";

export function LiveRegion() {
  return (
    <p class="unseen" aria-live="polite">
      {announcements.value.map(({ what, of, turn }) => {
        const words: string | ((...of: never[]) => string) = strings[what];
        return (
          <span key={turn}>
            <Words of={typeof words === "function" ? words(...(of as never[])) : words} />{" "}
          </span>
        );
      })}
    </p>
  );
}
