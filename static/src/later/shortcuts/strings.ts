/** The words of the list of shortcuts. */
import { told } from "../../text/words.ts";

export const words = told("shortcuts", {
  title: "Keyboard shortcuts",
  close: "Close",
  singleKeys: "Use the single keys / and ?",
  list: (modifier: string, enterSends: boolean): [keys: string, what: string][] => [
    [enterSends ? "Enter" : `${modifier} + Enter`, "Send the message"],
    [enterSends ? "Shift + Enter" : "Enter", "Start a new line"],
    ["↑ in the empty field", "Edit your last message"],
    ["Esc", "Stop the answer, or leave the edit"],
    [`${modifier} + Z`, "Undo the last deletion"],
    [`${modifier} + K`, "Find a chat, or what was said in one"],
    ["/", "Go to the message field"],
    [`${modifier} + Shift + O`, "Start a new chat"],
    [`${modifier} + Shift + S`, "Fold the list of chats away, or bring it back"],
    [`? or ${modifier} + /`, "Show this list"],
  ],
});
