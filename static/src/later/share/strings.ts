/** The words of links to a chat. */
import { strings } from "../../first/strings.ts";
import { quoted } from "../../text/isolated.ts";

const date = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

export const words = {
  title: (title: string) => `Share ${quoted(title)}`,
  close: "Close",
  note: "Whoever has a link can read the chat as it is now, without an account. What you say later, and other versions of messages, are not shown.",
  ends: "The link ends",
  lives: { never: "when I revoke it", day: "after a day", week: "after a week", month: "after 30 days" },
  make: "Make a link",
  running: "An answer is still being written. It can be shared when it has ended.",
  empty: "There is nothing to share in this chat yet.",
  reading: "Reading your links…",
  notRead: "Your links could not be read.",
  again: "Try again",
  ofThis: "Links to this chat",
  ofOthers: "Links to other chats",
  none: "There are no links to this chat.",
  link: "Link",
  copy: "Copy",
  update: "Show what is here now",
  revoke: "Revoke",
  revokeWhich: (title: string) => `Revoke the link to ${quoted(title)}`,
  made: (at: Date) => `Made ${date.format(at)}`,
  endsAt: (at: Date) => `ends ${date.format(at)}`,
  lost: "Nobody can open this link any more: the page’s secret has changed.",
  isMade: "The link is made and copied.",
  isMadeOnly: "The link is made.",
  copied: "Copied.",
  notCopied: "Your browser did not allow copying: the link is selected.",
  updated: "The link shows the chat as it is now.",
  revoked: "The link is revoked. It may be seen for a minute more.",
  failed: "That did not work.",
  problems: {
    rate_limited: "You have made or changed many links just now. Wait a minute, then try again.",
    generation_in_progress: "An answer is still being written. Wait for it to end, then try again.",
    session_not_found: "This chat does not exist any more.",
    not_found: "This link does not exist any more.",
    stale_revision: "This link was changed elsewhere. It is shown as it is now.",
  },
  untitled: strings.untitled,
};
