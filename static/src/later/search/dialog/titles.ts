/** The chats that the page knows, by their titles. */
import type { Session } from "../../../api/types.ts";
import { strings } from "../../../first/strings.ts";
import { type Marked, mark } from "./marking.ts";

export interface Title {
  session: Session;
  title: Marked;
}

/** As many are listed: all of them where nothing else is, a few where messages come after. */
const MOST = 50;
const FEW = 6;

/** Those whose titles contain `text`, the newest first; without a text those but the open one. */
export function titlesWith(sessions: readonly Session[], text: string, openId: string | null): Title[] {
  const wanted = text.trim();
  if (wanted === "")
    return sessions
      .filter(({ id }) => id !== openId)
      .slice(0, MOST)
      .map((session) => ({ session, title: plain(session.title ?? strings.untitled) }));
  const most = Array.from(wanted).length > 1 ? FEW : MOST;
  const found: Title[] = [];
  // With each letter that is typed: no more are marked than are shown.
  for (const session of sessions) {
    if (found.length === most) break;
    const title = mark(session.title ?? "", wanted);
    if (title) found.push({ session, title });
  }
  return found;
}

/** The title of a chat that was found otherwise, marked where it contains `text`, too. */
export function titleOf({ title }: Session, text: string): Marked {
  const said = title ?? strings.untitled;
  return mark(said, text.trim()) ?? plain(said);
}

const plain = (text: string): Marked => ({ before: text, text: "", after: "" });
