/** Beside the title of the chat on screen: the menu that its row has, also where the list is out of sight. A chat that is in no list can be taken along. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { TEMPORARY } from "../../api/messages.ts";
import type { Session } from "../../api/types.ts";
import { strings } from "../../first/strings.ts";
import type { Conversation } from "../../state/conversation/conversation.ts";
import { current } from "../../state/conversations.ts";
import { openSessionId } from "../../state/route.ts";
import { sessions } from "../../state/sessions.ts";
import { titleFrom } from "../../text/title.ts";
import { Confirmation } from "./Confirmation.tsx";
import { RowMenu, place } from "./RowMenu.tsx";
import { TitleEditor } from "./TitleEditor.tsx";
import { openExport } from "./openExport.ts";
import type { Page } from "./page.ts";
import { words } from "./strings.ts";

export function TitleMenu({ page }: { page: Page }) {
  const { value: id } = openSessionId;
  const session = sessions.value.find((one) => one.id === id);
  // Another chat has another menu, which is not open.
  if (session) return <OfSession key={session.id} page={page} session={session} />;
  const { value: conversation } = current;
  if (conversation.id.value !== TEMPORARY || conversation.messages.value.length === 0) return null;
  return (
    <button
      class="quiet"
      aria-label={words.take}
      title={words.take}
      aria-haspopup="dialog"
      onClick={() => openExport(page, asSession(conversation), () => undefined)}
    >
      {page.icon("down")}
    </button>
  );
}

function OfSession({ page, session }: { page: Page; session: Session }) {
  const mode = useSignal<"menu" | "renaming" | "asking" | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const title = session.title ?? strings.untitled;
  const close = (byKey = false) => {
    mode.value = null;
    // Once the field has gone: it would take that for its end otherwise.
    if (byKey) requestAnimationFrame(() => button.current?.focus());
  };
  /** In place of the menu, as soon as it is there: what is in it takes the focus. */
  const lift = (element: HTMLElement | null) => {
    if (!element || !button.current || element.matches(":popover-open")) return;
    element.showPopover();
    place(element, button.current.getBoundingClientRect());
  };
  return (
    <>
      <button
        class="quiet"
        ref={button}
        aria-label={strings.more(title)}
        title={strings.more(title)}
        aria-haspopup="menu"
        aria-expanded={mode.value === "menu"}
        onClick={() => (mode.value = mode.value === "menu" ? null : "menu")}
      >
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
          <path d="M5 7.5l5 5 5-5" />
        </svg>
      </button>
      {mode.value === "menu" && (
        <RowMenu
          page={page}
          button={button}
          name={strings.more(title)}
          session={session}
          isInList={false}
          onChoose={(next) => (mode.value = next)}
          onOpen={() => undefined}
          onClose={() => close()}
        />
      )}
      {(mode.value === "renaming" || mode.value === "asking") && (
        <ul class="title-act" popover="manual" ref={lift}>
          {mode.value === "renaming" ? (
            <TitleEditor page={page} session={session} onDone={close} />
          ) : (
            <Confirmation
              page={page}
              session={session}
              title={title}
              onKeep={() => close(true)}
              onRemove={() => close()}
            />
          )}
        </ul>
      )}
    </>
  );
}

/** What its export is named after, and tells of it. */
function asSession({ messages }: Conversation): Session {
  const [first, ...others] = messages.peek();
  const created_at = first?.createdAt ?? "";
  const title = titleFrom(first?.text.peek() ?? "") || null;
  return { id: TEMPORARY, title, created_at, updated_at: others.at(-1)?.createdAt ?? created_at };
}
