/** One session in the list: open it, or do something with it in its place. What can be done is loaded once the browser is idle. */
import { computed, signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Session } from "../../api/types.ts";
import { isAnswering } from "../../state/conversations.ts";
import { notify } from "../../state/notices.ts";
import { openSessionId } from "../../state/route.ts";
import { pagesRead } from "../../state/sessions.ts";
import type { Page } from "../../later/session/page.ts";
import { acts, loadActs } from "../acts.ts";
import { Icon } from "../Icon.tsx";
import { Link } from "./Link.tsx";
import { notifyProblem } from "../notices/notifyProblem.ts";
import { Words } from "../Words.tsx";
import { strings } from "../strings.ts";
import { explain } from "../wording.ts";
import { tongueOf } from "../../text/tongues.ts";

export const page: Page = { Words, icon: (name) => <Icon name={name} />, notifyProblem, explain };

const isListRead = computed(() => pagesRead.value > 0);

/** Another one with each chat that is opened, and once the list is there. */
const occasion = computed(() => [openSessionId.value, isListRead.value]);
/** On which the open chat was brought into view. Where it moves to afterwards, the list stays as the visitor has it. */
let seen: unknown;

/** The one session something is done with. */
const actingOn = signal<{ id: string; mode: "menu" | "renaming" | "asking" } | null>(null);

// Back has closed what it stood in. A title that was being written is kept when its field goes.
addEventListener("popstate", () => {
  if (actingOn.peek()?.mode !== "renaming") actingOn.value = null;
});

/** What can be done with those that are selected, and with the open one from its title. */
export function Selection() {
  const Bars = acts.value?.Bars;
  return Bars ? <Bars page={page} /> : null;
}

export function SessionRow({ session, onOpen }: { session: Session; onOpen: () => void }) {
  const mode = actingOn.value?.id === session.id ? actingOn.value.mode : "shown";
  const title = session.title ?? strings.untitled;
  const link = useRef<HTMLAnchorElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const { value: now } = occasion;
  const isCurrent = session.id === now[0];
  // An old chat may stand far down in the list, also where it was there before the others.
  useLayoutEffect(() => {
    if (!isCurrent || seen === now) return;
    seen = now;
    const reveal = () => link.current?.scrollIntoView({ block: "nearest" });
    reveal();
    // The days on the way had heights that were guessed; those that came into view have their own by now.
    setTimeout(reveal, 99);
  }, [now]);
  /** `toLink`: by keyboard, so the focus must not get lost with what had it. */
  const show = (toLink: boolean) => {
    if (actingOn.value?.id === session.id) actingOn.value = null;
    if (toLink) requestAnimationFrame(() => link.current?.focus());
  };
  const choose = (mode: "menu" | "renaming" | "asking") => (actingOn.value = { id: session.id, mode });
  const openMenu = () => {
    choose("menu");
    if (!acts.value)
      void loadActs(() => {
        show(false);
        notify({ kind: "problem", text: strings.notLoaded });
      });
  };
  const { Choice, RowMenu, TitleEditor, Confirmation, isSelecting } = acts.value ?? {};

  if (Choice && isSelecting?.value) return <Choice session={session} title={title} />;
  if (TitleEditor && mode === "renaming") return <TitleEditor page={page} session={session} onDone={show} />;
  if (Confirmation && mode === "asking")
    return (
      <Confirmation
        page={page}
        session={session}
        title={title}
        onKeep={() => show(true)}
        onRemove={() => (actingOn.value = null)}
      />
    );
  return (
    <li class="session">
      <Link to={session.id} anchor={link} class="session-link" title={title} isCurrent={isCurrent} onFollow={onOpen}>
        <span dir="auto" lang={tongueOf(title)}>
          {title}
        </span>
        {isAnswering(session.id) && <i class="answers" role="img" aria-label={strings.answers} />}
      </Link>
      <button
        class="quiet"
        ref={button}
        aria-label={strings.more(title)}
        title={strings.more(title)}
        aria-haspopup="menu"
        aria-expanded={mode === "menu"}
        // A menu that is not loaded yet is not there to be closed: a second click still wants it.
        onClick={() => (RowMenu && mode === "menu" ? show(false) : openMenu())}
      >
        <Icon name="more" />
      </button>
      {RowMenu && mode === "menu" && (
        <RowMenu
          page={page}
          button={button}
          name={strings.more(title)}
          session={session}
          onChoose={choose}
          onOpen={onOpen}
          onClose={() => show(false)}
        />
      )}
    </li>
  );
}
