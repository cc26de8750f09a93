/** The words of bringing chats in from a file. */
import { told } from "../../text/words.ts";

export const words = told("import", {
  title: "Import chats",
  close: "Close",
  note: "Choose a file that this page, ChatGPT or Claude has exported: JSON, or the whole archive. It is read in this browser; only the chats that you choose are sent and kept here.",
  choose: "Choose a file",
  reading: "Reading the file…",
  failed: {
    no_chats: "No chats were found in this file. It should be an export of this page, of ChatGPT or of Claude.",
    too_large: "This file is larger than 300 MB.",
    not_loaded: "This could not be loaded. Try again in a moment.",
  },
  found: (count: number, shown: string) => (count === 1 ? "1 chat found." : `${shown} chats found.`),
  tooLong: (count: number, shown: string) =>
    count === 1
      ? "One has no text or more than 10,000 messages."
      : `${shown} have no text or more than 10,000 messages.`,
  filter: "Search by title",
  more: (_count: number, shown: string) => `${shown} more: search by title to see them.`,
  list: "Chats in the file",
  messages: (count: number, shown: string) => (count === 1 ? "1 message" : `${shown} messages`),
  all: "Choose all that are shown",
  bring: (count: number, shown: string) => (count === 1 ? "Import 1 chat" : `Import ${shown} chats`),
  none: "Choose the chats that you want here.",
  bringing: (done: string, count: string) => `${done} of ${count} chats are here…`,
  cancelled: "Cancelled. What is here already stays.",
  stopped: "Not all of them could be brought in.",
  goOn: "Choose again to go on from there.",
  done: (count: number, shown: string) => (count === 1 ? "1 chat is here now." : `${shown} chats are here now.`),
  here: "here now",
});
