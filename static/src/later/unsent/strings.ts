/** The words about what was sent without a connection. */
import { told } from "../../text/words.ts";

export const words = told("unsent", {
  waits: "Not sent yet: it goes out by itself.",
  going: "Being sent…",
  after: "Not sent yet: it goes out after what was said before it.",
  ask: "This was said more than a day ago. Is it still to be sent?",
  old: "What you said more than a day ago, without a connection, was not sent yet.",
  refused: "What you said without a connection was not sent. It stands in the message field of its chat.",
  deleted: "The chat of what you said without a connection was deleted. Your words stand in a new chat.",
  show: "Show",
});
