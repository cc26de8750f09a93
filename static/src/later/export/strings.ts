/** The words of taking a chat out of the page. */
import { quoted } from "../../text/isolated.ts";
import { told } from "../../text/words.ts";

export const words = told("export", {
  title: (title: string) => `Export ${quoted(title)}`,
  close: "Close",
  note: "Made in this browser from the whole chat. Answers are marked as written by an AI.",
  copy: "Copy as Markdown",
  markdown: "Download Markdown",
  json: "Download JSON",
  jsonNote: "with every version of each message",
  print: "Print or save as PDF",
  running: "An answer is still being written. What you take now has it as far as it has come, and says so.",
  reading: "Reading the chat…",
  messages: (count: number, shown: string) => (count === 1 ? "1 message" : `${shown} messages`),
  preparing: "Preparing the pages…",
  cancelled: "Cancelled. What was read so far is kept until you close this.",
  copied: "Copied.",
  notCopied: "Your browser did not allow copying. All is read now: choose it once more.",
  saved: (name: string) => `Saved as ${quoted(name)}.`,
  failed: "The chat could not be read to its beginning.",
  goOn: "Choose again to go on from there.",
  gone: "This chat does not exist any more.",

  fileName: "Chat",
  statuses: {
    streaming: "still being written",
    stopped: "stopped",
    interrupted: "broke off",
    truncated: "cut at the longest that the model may write",
    filtered: "the rest was held back by the model’s provider",
    failed: "got no answer",
  },
  onPaper: (date: string) => `Printed from Edgewise on ${date}. The answers were written by an AI.`,
});
