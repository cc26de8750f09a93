/** The page: sessions at the side (a drawer on a phone), one conversation in the middle. */
import { useComputed, useSignalEffect } from "@preact/signals";
import { current } from "../state/conversations.ts";
import { openSessionId } from "../state/route.ts";
import { sessions } from "../state/sessions.ts";
import { Composer } from "./Composer.tsx";
import { ConnectionMark } from "./ConnectionMark.tsx";
import { ErrorLine } from "./ErrorLine.tsx";
import { Icon } from "./Icon.tsx";
import { isolated } from "./isolated.ts";
import { LiveRegion } from "./LiveRegion.tsx";
import { Messages } from "./Messages.tsx";
import { Notices } from "./Notices.tsx";
import { QuotaLine } from "./QuotaLine.tsx";
import { Sidebar } from "./Sidebar.tsx";
import { strings } from "./strings.ts";
import { useDrawer } from "./useDrawer.ts";

export function App() {
  const drawer = useDrawer();
  const conversation = current.value;
  const title = useComputed(() => {
    const id = openSessionId.value;
    if (id === null) return strings.newChat;
    return sessions.value.find((session) => session.id === id)?.title ?? strings.untitled;
  });
  useSignalEffect(() => {
    document.title = openSessionId.value === null ? strings.product : `${isolated(title.value)} · ${strings.product}`;
  });
  const isEmpty = useComputed(
    () => current.value.messages.value.length === 0 && current.value.reading.value === "read",
  );
  const key = keyOf(conversation);

  return (
    <div class="page" data-drawer={drawer.isOpen.value ? "open" : "closed"}>
      <div class="side" id="sessions" inert={drawer.isHidden.value} ref={drawer.panel}>
        <Sidebar onOpen={drawer.close} />
      </div>
      <div class="veil" onClick={drawer.close} />
      <main class={isEmpty.value ? "main main-empty" : "main"} inert={drawer.isModal.value}>
        <header class="bar">
          <button
            class="quiet menu"
            aria-label={strings.openChats}
            aria-expanded={drawer.isOpen.value}
            aria-controls="sessions"
            ref={drawer.opener}
            onClick={drawer.open}
          >
            <Icon name="menu" />
          </button>
          <h1 dir="auto">{title}</h1>
          <ConnectionMark />
        </header>
        <Messages key={`messages ${key}`} conversation={conversation} />
        <div class="foot column">
          <ErrorLine conversation={conversation} />
          <Composer key={`composer ${key}`} conversation={conversation} />
          <QuotaLine />
        </div>
      </main>
      <Notices />
      <LiveRegion />
    </div>
  );
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
