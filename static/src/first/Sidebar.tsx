/** The list of sessions, with the way to a new one and the theme. */
import { Problem } from "../api/problem.ts";
import { openSessionId } from "../state/route.ts";
import { hasMore, listState, readFirstPage, readNextPage, sessions } from "../state/sessions.ts";
import { notify } from "../state/notices.ts";
import { Icon } from "./Icon.tsx";
import { Link } from "./Link.tsx";
import { SessionRow } from "./SessionRow.tsx";
import { ThemeChoice } from "./ThemeChoice.tsx";
import { strings } from "./strings.ts";
import { explain } from "./wording.ts";

export function Sidebar({ onOpen }: { onOpen: () => void }) {
  return (
    <nav class="sidebar" aria-label={strings.chats}>
      <div class="sidebar-head">
        <span class="brand">{strings.product}</span>
      </div>
      <Link to={null} class="new-chat" isCurrent={openSessionId.value === null} onFollow={onOpen}>
        <Icon name="plus" />
        {strings.newChat}
      </Link>
      <div class="sidebar-list">
        <ul class="sessions">
          {sessions.value.map((session) => (
            <SessionRow key={session.id} session={session} onOpen={onOpen} />
          ))}
        </ul>
        <ListFoot />
      </div>
      <ThemeChoice />
    </nav>
  );
}

function ListFoot() {
  const read = (page: () => Promise<void>) => () => {
    page().catch((thrown: unknown) => notify({ kind: "problem", text: explain(Problem.from(thrown)) }));
  };
  if (listState.value === "reading") return <p class="hint">{strings.loading}</p>;
  if (listState.value === "failed") return <button onClick={read(readFirstPage)}>{strings.tryAgain}</button>;
  if (hasMore.value) return <button onClick={read(readNextPage)}>{strings.moreChats}</button>;
  return sessions.value.length === 0 ? <p class="hint">{strings.noChats}</p> : null;
}
