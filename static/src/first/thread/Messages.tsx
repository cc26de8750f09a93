/** The messages of one conversation, with what is there instead while there are none. */
import { signal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { announce } from "../../state/announcer.ts";
import type { Conversation } from "../../state/conversation/conversation.ts";
import { show } from "../../state/conversations.ts";
import { type ShownMessage, newMessage } from "../../state/conversation/message.ts";
import type { Waiting as Waits } from "../../state/conversation/outbox.ts";
import { deletedSession, restore } from "../../state/sessions.ts";
import { isKept } from "../../state/storage.ts";
import { isSignedIn } from "../../state/visitor.ts";
import { Icon } from "../Icon.tsx";
import { keys } from "../../browser/keys.ts";
import { lazily } from "../../browser/lazily.ts";
import { whenIdle } from "../../browser/whenIdle.ts";
import { Message } from "./Message.tsx";
import { fill } from "../composer/shell.ts";
import { focusComposer } from "../composer/focusComposer.ts";
import { notifyProblem } from "../notices/notifyProblem.ts";
import { Words } from "../Words.tsx";
import { strings } from "../strings.ts";
import { tongueOf } from "../../text/tongues.ts";
import { useFollow } from "./useFollow.ts";
import { useInView } from "../../browser/useInView.ts";
import { useKeptPlace } from "./useKeptPlace.ts";
import { lastPlace, useLastPlace } from "./useLastPlace.ts";
import { withFewMarks } from "../../text/marks.ts";
import { useWindow } from "./useWindow.ts";

/** What the browser's own search finds, once it is idle. */
const searchable = signal<typeof import("./Searchable.tsx").Searchable | null>(null);
whenIdle(() => {
  lazily(() => import("./Searchable.tsx")).then(
    (module) => (searchable.value = module.Searchable),
    () => undefined,
  );
});

export function Messages({ conversation }: { conversation: Conversation }) {
  const scroller = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const hasBelow = useRef(false);
  const follow = useFollow(scroller, content, hasBelow, lastPlace(conversation) === undefined);
  const messages = conversation.messages.value;
  const acceptedCount = conversation.acceptedCount.value;
  const coming = useComing(conversation);
  const stretch = useWindow(scroller, messages, follow.isFollowing, lastPlace(conversation)?.message);
  hasBelow.current = stretch.hasBelow;
  const keepPlace = useKeptPlace(scroller, stretch.shown, follow);
  useLastPlace(scroller, conversation, follow);
  const Searchable = searchable.value;

  useEffect(() => void show(conversation), [conversation]);
  const { toEnd, moves } = follow;
  const isSubmitted = conversation.phase.value === "sending";
  const movesBefore = useRef(0);
  useLayoutEffect(() => {
    if (isSubmitted) movesBefore.current = moves.current;
  }, [isSubmitted, moves]);
  // A turn scrolls to the end once: when its words appear, or when it is accepted. A reader who has scrolled elsewhere between stays there.
  const before = useRef({ acceptedCount, isComing: false });
  useLayoutEffect(() => {
    const { acceptedCount: known, isComing } = before.current;
    before.current = { acceptedCount, isComing: coming.length > 0 };
    const isAccepted = acceptedCount > known && moves.current === movesBefore.current;
    // What the page sends by itself moves nobody.
    if (!isComing && !conversation.isByPage && (isAccepted || coming.length > 0)) toEnd();
  }, [acceptedCount, coming, toEnd, moves]);

  const onTop = () => {
    if (!stretch.hasAbove) {
      conversation.thread.readEarlier(keepPlace).catch(notifyProblem(strings.earlierFailed));
      return;
    }
    keepPlace();
    stretch.up();
  };
  const onBottom = () => {
    keepPlace();
    stretch.down();
  };
  const goToEnd = () => {
    // It follows from now on, so that what is being shown above at this moment does not hold the view where it was.
    toEnd();
    stretch.end();
    // Once what was left out below is there.
    requestAnimationFrame(toEnd);
  };
  /** The browser's own way is an animation, which would come to where the stretch began or ended, and go on under a reader who wants back. */
  const onKeyDown = (event: KeyboardEvent) => {
    const element = scroller.current;
    if (!element || event.target !== element || event.shiftKey) return;
    if (event.key === "End") goToEnd();
    else if (event.key === "Home") element.scrollTop = 0;
    else return;
    event.preventDefault();
  };
  const turn = (message: ShownMessage, step: 1 | -1) => {
    const isAtEnd = () => conversation.messages.value.at(-1)?.parentId === message.parentId;
    const wasAtEnd = isAtEnd();
    conversation.turnTo(message, step);
    // What is compared stays where it is, however much follows one version and the other.
    if (!wasAtEnd || !isAtEnd()) follow.isFollowing.value = false;
  };

  const isAtEnd = messages.length + coming.length > 0 && follow.isFollowing.value && follow.isLong.value;
  return (
    <div class="messages" data-at-end={isAtEnd ? "" : undefined}>
      <section
        class="scroller"
        aria-label={strings.messages}
        tabIndex={0}
        ref={scroller}
        onKeyDown={keys(onKeyDown)}
        data-scroller
      >
        <div class="column" ref={content}>
          {conversation.thread.earlier.value !== null && <p class="on-paper">{strings.notAll}</p>}
          {(stretch.hasAbove || conversation.thread.earlier.value !== null) && (
            <Edge key="top" next={`${stretch.shown[0]?.id} of ${messages.length}`} onView={onTop} />
          )}
          {[...stretch.shown, ...(stretch.hasBelow ? [] : coming)].map((message) => (
            // Its versions take turns in one place, and the focus stays there.
            <Message key={message.parentId ?? "first"} message={message} conversation={conversation} onTurn={turn} />
          ))}
          {!stretch.hasBelow && <Waiting conversation={conversation} />}
          {stretch.hasBelow && (
            <Edge key="bottom" next={`${stretch.shown.at(-1)?.id} of ${messages.length}`} onView={onBottom} />
          )}
          {messages.length + coming.length + conversation.waiting.value.length === 0 && (
            <Empty conversation={conversation} />
          )}
        </div>
      </section>
      {Searchable && <Searchable conversation={conversation} stretch={stretch} keepPlace={keepPlace} />}
      {!follow.isFollowing.value && <ToEnd conversation={conversation} onClick={goToEnd} />}
    </div>
  );
}

/** The local echo of a turn, until the server has accepted it: the visitor's words, and the answer's place. */
function useComing(conversation: Conversation): ShownMessage[] {
  const text = conversation.outgoing.value;
  return useMemo(() => {
    if (text === null) return [];
    const parentId = conversation.messages.peek().at(-1)?.id ?? null;
    const said = newMessage({ id: "coming", parentId, role: "user" }, text, "complete");
    return [said, newMessage({ id: "coming-answer", parentId: said.id, role: "assistant" }, "", "streaming")];
  }, [conversation, text]);
}

/** What goes out when the answer has ended, or when there is a connection. */
function Waiting({ conversation }: { conversation: Conversation }) {
  const onTakeBack = (one: Waits) => {
    conversation.takeBack(one);
    focusComposer();
  };
  return conversation.waiting.value.map((one) => (
    <article class="message mine waits" aria-label={strings.you} tabIndex={-1} key={`waits ${one.key}`}>
      <h2 class="unseen">{strings.you}</h2>
      <div class="bubble" dir="auto" lang={tongueOf(one.text)}>
        {withFewMarks(one.text)}
      </div>
      <p class="state">
        {one.state ?? strings.waits}
        {one.confirm && <button onClick={one.confirm}>{strings.send}</button>}
        {!one.isGoing && <button onClick={() => onTakeBack(one)}>{strings.takeBack}</button>}
      </p>
    </article>
  ));
}

/** The edge of the list: more messages are shown when it comes near the view, or by hand if fetching them failed. `next` names what comes next. */
function Edge({ next, onView }: { next: string; onView: () => void }) {
  const element = useRef<HTMLButtonElement>(null);
  useInView(element, next, onView);
  return (
    <button class="earlier" ref={element} onClick={onView}>
      {strings.moreMessages}
    </button>
  );
}

/** The way back to the end, with a mark once something has come in there. It is made anew each time the reader leaves the end. */
function ToEnd({ conversation, onClick }: { conversation: Conversation; onClick: () => void }) {
  const before = useRef<number>(undefined);
  const hasNews = useSignal(false);
  useSignalEffect(() => {
    const messages = conversation.messages.value;
    const size = messages.length + (messages.at(-1)?.text.value.length ?? 0);
    if (before.current !== undefined && size !== before.current) hasNews.value = true;
    before.current = size;
  });
  const name = hasNews.value ? strings.newestUnread : strings.newest;
  return (
    <button class={hasNews.value ? "to-end unread" : "to-end"} aria-label={name} title={name} onClick={onClick}>
      <Icon name="down" />
    </button>
  );
}

function Empty({ conversation }: { conversation: Conversation }) {
  switch (conversation.thread.reading.value) {
    case "unread":
    case "reading":
      return <p class="empty hint">{strings.loading}</p>;
    case "missing":
      return <Missing conversation={conversation} />;
    case "failed":
      return (
        <p class="empty">
          {strings.readFailed} <button onClick={() => void show(conversation)}>{strings.tryAgain}</button>
        </p>
      );
    case "read":
      return (
        <div class="empty greeting">
          <p class="greeting-line">{strings.greeting}</p>
          <p class="hint">{isSignedIn.value ? strings.greetingNoteIn : strings.greetingNote}</p>
          <p class="starters">
            {strings.starters.map((starter) => (
              <button key={starter} onClick={() => begin(conversation, starter)}>
                {starter}
              </button>
            ))}
          </p>
        </div>
      );
  }
}

/** Puts a starter into the field, and does not send it. */
function begin({ draft }: Conversation, starter: string): void {
  fill(draft, starter);
  focusComposer();
}

/** Where a chat was: one deleted on this page can be brought back. */
function Missing({ conversation }: { conversation: Conversation }) {
  const deleted = deletedSession(conversation.id.value ?? "");
  if (!deleted) return <p class="empty hint">{isKept() ? strings.missing : strings.missingUnkept}</p>;
  const title = deleted.title ?? strings.untitled;
  const undo = () => {
    restore(deleted).then(() => announce("restored", title), notifyProblem(strings.notRestored(title)));
  };
  return (
    <p class="empty hint">
      <Words of={strings.removed(title)} /> <button onClick={undo}>{strings.undo}</button>
    </p>
  );
}
