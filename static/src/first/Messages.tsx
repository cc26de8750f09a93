/** The messages of one conversation, with what is there instead while there are none. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Problem } from "../api/problem.ts";
import type { Conversation } from "../state/conversation.ts";
import { merge } from "../state/sessions.ts";
import { notify } from "../state/notices.ts";
import { Icon } from "./Icon.tsx";
import { Message } from "./Message.tsx";
import { strings } from "./strings.ts";
import { useFollow } from "./useFollow.ts";
import { explain } from "./wording.ts";

export function Messages({ conversation }: { conversation: Conversation }) {
  const scroller = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const { isFollowing, toEnd } = useFollow(scroller, content);
  const messages = conversation.messages.value;
  const phase = conversation.phase.value;

  useEffect(() => void read(conversation), [conversation]);
  // Whoever sends wants to see what comes.
  useEffect(() => {
    if (phase === "answering") toEnd();
  }, [phase, toEnd]);
  const keepPlace = useKeptPlace(scroller, messages[0]?.id);

  const readEarlier = () => {
    keepPlace();
    conversation
      .readEarlier()
      .catch((thrown: unknown) => notify({ kind: "problem", text: explain(Problem.from(thrown)) }));
  };

  return (
    <div class="messages">
      <section class="scroller" aria-label={strings.messages} tabIndex={0} ref={scroller}>
        <div class="column" ref={content}>
          {conversation.earlier.value && (
            <button class="earlier" onClick={readEarlier}>
              {strings.earlier}
            </button>
          )}
          {messages.map((message) => (
            <Message key={message.id} message={message} />
          ))}
          {messages.length === 0 && <Empty conversation={conversation} />}
        </div>
      </section>
      {!isFollowing.value && (
        <button class="to-end" aria-label={strings.newest} title={strings.newest} onClick={toEnd}>
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}

async function read(conversation: Conversation): Promise<void> {
  const session = await conversation.read();
  if (session) merge([session]);
}

function Empty({ conversation }: { conversation: Conversation }) {
  switch (conversation.reading.value) {
    case "unread":
    case "reading":
      return <p class="empty hint">{strings.loading}</p>;
    case "missing":
      return <p class="empty hint">{strings.missing}</p>;
    case "failed":
      return (
        <p class="empty">
          <button onClick={() => void read(conversation)}>{strings.tryAgain}</button>
        </p>
      );
    case "read":
      return (
        <div class="empty greeting">
          <p class="greeting-line">{strings.greeting}</p>
          <p class="hint">{strings.greetingNote}</p>
        </div>
      );
  }
}

/** Lets messages be added at the top without the view moving: call the result just before they are asked for. */
function useKeptPlace(scroller: { current: HTMLElement | null }, firstId: string | undefined): () => void {
  const fromEnd = useRef<number | null>(null);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || fromEnd.current === null) return;
    element.scrollTop = element.scrollHeight - fromEnd.current;
    fromEnd.current = null;
  }, [scroller, firstId]);
  return () => {
    const element = scroller.current;
    if (element) fromEnd.current = element.scrollHeight - element.scrollTop;
  };
}
