/** What was found: chats by their titles, and messages under the chat they stand in. Each is a link, so that a new tab can have it, too. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { FoundSession, SearchHit, Session } from "../../../api/types.ts";
import { minute } from "../../../state/clock.ts";
import { addressOf } from "../../../state/route.ts";
import { tongueOf } from "../../../text/tongues.ts";
import type { Wording } from "../../account/wording.ts";
import { type Marked, snippet } from "./marking.ts";
import { words } from "./strings.ts";
import { type Title, titleOf } from "./titles.ts";

interface Props {
  titles: readonly Title[];
  found: readonly FoundSession[];
  /** What was looked for. */
  text: string;
  wording: Wording;
  /** `hit` null: the chat itself is wanted. */
  onFollow: (session: Session, hit: SearchHit | null) => void;
}

export function Results({ titles, found, text, wording, onFollow }: Props) {
  const listed = new Set(titles.map(({ session }) => session.id));
  const chats = [
    ...titles,
    ...found
      .filter(({ session, hits }) => hits.length === 0 && !listed.has(session.id))
      .map(({ session }) => ({ session, title: titleOf(session, text) })),
  ];
  return (
    <>
      {chats.length > 0 && (
        <Section name={words.chats}>
          {chats.map(({ session, title }) => (
            <Row key={session.id} session={session} onFollow={() => onFollow(session, null)}>
              <MarkedText of={title} class="search-title" />
              <When at={session.updated_at} wording={wording} />
            </Row>
          ))}
        </Section>
      )}
      {found
        .filter(({ hits }) => hits.length > 0)
        .map(({ session, hits }) => (
          <Section key={session.id} name={<MarkedText of={titleOf(session, text)} />}>
            {hits.map((hit) => (
              <Row key={hit.message_id} session={session} onFollow={() => onFollow(session, hit)}>
                <span class="search-said">
                  {words.said[hit.role]}
                  <When at={hit.created_at} wording={wording} />
                </span>
                <MarkedText of={snippet(hit)} class="search-snippet" />
              </Row>
            ))}
          </Section>
        ))}
    </>
  );
}

function Section({ name, children }: { name: ComponentChildren; children: ComponentChildren }) {
  const heading = useId();
  return (
    <section aria-labelledby={heading}>
      <h2 id={heading}>{name}</h2>
      <ul>{children}</ul>
    </section>
  );
}

function Row({ session, onFollow, children }: { session: Session; onFollow: () => void; children: ComponentChildren }) {
  const follow = (event: MouseEvent) => {
    // A new tab or window is the browser's business.
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onFollow();
  };
  return (
    <li>
      <a href={addressOf(session.id)} onClick={follow}>
        {children}
      </a>
    </li>
  );
}

/** In a direction and a language of its own. */
function MarkedText({ of: { before, text, after }, ...rest }: { of: Marked; class?: string }) {
  return (
    <span dir="auto" lang={tongueOf(before + text + after)} {...rest}>
      {before}
      {text && <mark>{text}</mark>}
      {after}
    </span>
  );
}

function When({ at, wording }: { at: string; wording: Wording }) {
  return <time dateTime={at}>{wording.relativeTime(Date.parse(at) - minute.value)}</time>;
}
