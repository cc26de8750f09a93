/** A session's title, written in its row. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Session } from "../../api/types.ts";
import { keys } from "../../browser/keys.ts";
import { strings } from "../../first/strings.ts";
import { announce } from "../../state/announcer.ts";
import { rename } from "./change.ts";
import type { Page } from "./page.ts";
import { words } from "./strings.ts";

interface Props {
  page: Page;
  session: Session;
  onDone: (byKey: boolean) => void;
}

/** The API's limit. */
const LONGEST_TITLE = 255;

export function TitleEditor({ page, session, onDone }: Props) {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    // To select is not to focus in Firefox.
    input.current?.focus();
    input.current?.select();
  }, []);
  const save = (byKey: boolean) => {
    const title = input.current?.value.trim() ?? "";
    onDone(byKey);
    if (title && title !== session.title)
      rename(session, title).then(
        () => announce("renamed", title),
        page.notifyProblem(words.notRenamed(session.title ?? strings.untitled)),
      );
  };
  return (
    <li class="session">
      <form
        class="session-title"
        onSubmit={(event) => {
          event.preventDefault();
          save(true);
        }}
      >
        <input
          ref={input}
          aria-label={words.newTitle}
          defaultValue={session.title ?? ""}
          maxLength={LONGEST_TITLE}
          dir="auto"
          onBlur={() => save(false)}
          onKeyDown={keys((event) => {
            if (event.key !== "Escape") return;
            event.preventDefault();
            onDone(true);
          })}
        />
      </form>
    </li>
  );
}
