/** The list of sessions by day, with the way to a new one. */
import { useId, useRef } from "preact/hooks";
import { today } from "../../state/clock.ts";
import { type DayOfSessions, byDay } from "../../state/days.ts";
import { openSessionId } from "../../state/route.ts";
import {
  hasMore,
  listProblem,
  listState,
  pagesRead,
  readFirstPage,
  readNextPage,
  sessions,
} from "../../state/sessions.ts";
import { Beside, Search } from "./Beside.tsx";
import { Icon } from "../Icon.tsx";
import { Link } from "./Link.tsx";
import { Notices } from "../notices/Notices.tsx";
import { Selection, SessionRow } from "./SessionRow.tsx";
import { Trouble } from "../notices/Trouble.tsx";
import { strings } from "../strings.ts";
import { useInView } from "../../browser/useInView.ts";
import { dateLanguage, dayName } from "../wording.ts";

/** `onClose` is there where the sidebar is a drawer that can be closed. */
export function Sidebar({ onOpen, onClose }: { onOpen: () => void; onClose: (() => void) | null }) {
  return (
    <nav class="sidebar" aria-label={strings.chats}>
      <div class="sidebar-head">
        <span class="brand">{strings.product}</span>
        {onClose && (
          <button class="quiet" aria-label={strings.closeChats} title={strings.closeChats} onClick={onClose}>
            <Icon name="close" />
          </button>
        )}
      </div>
      <Link to={null} class="new-chat" isCurrent={openSessionId.value === null} onFollow={onOpen}>
        <Icon name="plus" />
        {strings.newChat}
      </Link>
      <Search onOpen={onOpen} />
      <div class="sidebar-list" data-scroller>
        {byDay(sessions.value, today.value).map((group) => (
          <Group key={dayName(group.day)} group={group} onOpen={onOpen} />
        ))}
        <ListFoot />
      </div>
      <Selection />
      {onClose && <Notices />}
      <Beside />
    </nav>
  );
}

function Group({ group, onOpen }: { group: DayOfSessions; onOpen: () => void }) {
  const heading = useId();
  return (
    <section class="day" aria-labelledby={heading}>
      <h2 id={heading} lang={group.day.kind === "month" ? dateLanguage() : undefined}>
        {dayName(group.day)}
      </h2>
      <ul class="sessions">
        {group.sessions.map((session) => (
          <SessionRow key={session.id} session={session} onOpen={onOpen} />
        ))}
      </ul>
    </section>
  );
}

/** What follows the last session shown: the next page comes by itself, a failed one by hand. */
function ListFoot() {
  if (listState.value === "failed")
    return (
      <>
        <p class="hint">
          {strings.listFailed} {listProblem.value && <Trouble problem={listProblem.value} />}
        </p>
        <button onClick={read(readFirstPage)}>{strings.tryAgain}</button>
      </>
    );
  if (listState.value === "reading" && sessions.value.length === 0) return <Skeleton />;
  if (hasMore.value) return <More />;
  return sessions.value.length === 0 ? <p class="hint">{strings.noChats}</p> : null;
}

function More() {
  const foot = useRef<HTMLParagraphElement>(null);
  useInView(foot, pagesRead.value, () => {
    if (hasMore.peek()) read(readNextPage)();
  });
  return (
    <p class="hint" ref={foot}>
      {strings.loading}
    </p>
  );
}

/** Where the sessions will stand, while they are read for the first time. */
function Skeleton() {
  return (
    <div class="skeleton" role="img" aria-label={strings.loading}>
      <i />
      <i />
      <i />
      <i />
    </div>
  );
}

function read(page: () => Promise<void>): () => void {
  return () => {
    // The list says it itself.
    page().catch(() => undefined);
  };
}
