/** The words of the search. */
import { told } from "../../../text/words.ts";

export const words = told("search/dialog", {
  title: "Search chats",
  field: "Titles and messages",
  keys: "Enter opens the first, the arrow keys lead to the others.",
  close: "Close",
  chats: "Chats",
  /** Who has said what was found. */
  said: { user: "You", assistant: "Edgewise", system: "" },
  noChats: "There is nothing to search yet: your chats will be found here.",
  one: "With two letters or more, messages are searched, too.",
  searching: "Searching…",
  found: (chats: number) => (chats === 1 ? "Found in one chat." : `Found in ${chats} chats.`),
  foundSoFar: (chats: number) =>
    chats === 1 ? "Found in one of your newer chats." : `Found in ${chats} of your newer chats.`,
  nothing: "Nothing was found.",
  nothingSoFar: "Nothing was found in your newer chats.",
  older: "Search older chats",
  limit: "That is as much as can be searched in a minute.",
  goesOnIn: (time: string) => `The search goes on by itself in ${time}.`,
  tryAgain: "Try again",
  opening: "Opening the message…",
  gone: "This message is not there any more: its chat was deleted, or changed elsewhere.",
  notOpened: "The message could not be opened.",
});
