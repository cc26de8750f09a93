/** The page: sessions at the side (a drawer on a phone), one conversation in the middle. */
import { useComputed, useSignalEffect } from "@preact/signals";
import { current } from "../state/conversations.ts";
import { jumps } from "../state/places.ts";
import { open, openSessionId } from "../state/route.ts";
import { sessions } from "../state/sessions.ts";
import { AiLine } from "./notices/AiLine.tsx";
import { Composer } from "./composer/Composer.tsx";
import { ConnectionMark } from "./notices/ConnectionMark.tsx";
import { ErrorLine } from "./composer/ErrorLine.tsx";
import { Icon } from "./Icon.tsx";
import { isolated } from "../text/isolated.ts";
import { LiveRegion } from "./notices/LiveRegion.tsx";
import { Messages } from "./thread/Messages.tsx";
import { Notices } from "./notices/Notices.tsx";
import { QuotaLine } from "./notices/QuotaLine.tsx";
import { SendingLine } from "./notices/SendingLine.tsx";
import { Sidebar } from "./sidebar/Sidebar.tsx";
import { focusComposer } from "./composer/focusComposer.ts";
import { strings } from "./strings.ts";
import { tongueOf } from "../text/tongues.ts";
import { useDrawer } from "./sidebar/useDrawer.ts";

export function App() {
  const drawer = useDrawer();
  const conversation = current.value;
  const title = useComputed(() => {
    const id = openSessionId.value;
    if (id === null) return strings.newChat;
    if (current.value.thread.reading.value === "missing") return strings.missingTitle;
    return sessions.value.find((session) => session.id === id)?.title ?? strings.untitled;
  });
  useSignalEffect(() => {
    document.title = openSessionId.value === null ? strings.product : `${isolated(title.value)} · ${strings.product}`;
  });
  const isEmpty = useComputed(
    () =>
      current.value.messages.value.length + current.value.waiting.value.length === 0 &&
      current.value.thread.reading.value === "read",
  );
  const key = keyOf(conversation);
  const isModal = drawer.isModal.value;

  return (
    <div class="page" data-drawer={drawer.isOpen.value ? "open" : "closed"}>
      <a class="skip" href="#composer" inert={isModal} onClick={skip}>
        {strings.skip}
      </a>
      <div
        class="side"
        id="sessions"
        ref={drawer.panel}
        {...(isModal && { role: "dialog", "aria-modal": true, "aria-label": strings.chats })}
      >
        <Sidebar onOpen={drawer.close} onClose={isModal ? drawer.close : null} />
      </div>
      <div class="veil" onClick={drawer.close} />
      <main class={isEmpty.value ? "main main-empty" : "main"} inert={isModal} tabIndex={-1}>
        <header class="bar">
          <button
            class="quiet menu"
            aria-label={drawer.isHidden.value ? strings.openChats : strings.closeChats}
            aria-expanded={!drawer.isHidden.value}
            aria-controls="sessions"
            ref={drawer.opener}
            onClick={drawer.toggle}
          >
            <Icon name="menu" />
          </button>
          <h1 dir="auto" lang={tongueOf(title.value)} title={title.value}>
            {title}
          </h1>
          <ConnectionMark />
        </header>
        <Messages key={`messages ${key} ${jumps.value}`} conversation={conversation} />
        <div class="foot column">
          <ErrorLine conversation={conversation} />
          <SendingLine conversation={conversation} />
          {conversation.thread.reading.value === "missing" ? (
            <NewChat />
          ) : (
            <>
              <Composer key={`composer ${key}`} conversation={conversation} />
              {isEmpty.value && <AiLine />}
              <QuotaLine />
            </>
          )}
        </div>
      </main>
      {/* While the drawer is open they stand in it: it covers everything else. */}
      {!isModal && <Notices />}
      <LiveRegion />
    </div>
  );
}

/** Instead of the composer, where nothing can be said. */
function NewChat() {
  return (
    <button class="main-choice" onClick={() => open(null)}>
      {strings.newChat}
    </button>
  );
}

function skip(event: Event): void {
  event.preventDefault();
  focusComposer();
}

const keys = new WeakMap<object, number>();
let lastKey = 0;

/** One key per conversation object: a new chat that gets its id stays the same on screen. */
function keyOf(conversation: object): number {
  let key = keys.get(conversation);
  if (key === undefined) {
    key = ++lastKey;
    keys.set(conversation, key);
  }
  return key;
}
