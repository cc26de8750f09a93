/** The words of going on with a shared chat. */
import { told } from "../../text/words.ts";

export const words = told("goOn", {
  title: "Go on with this shared chat?",
  note: "It becomes a chat of your own, at most its last 200 messages, and counts as one of your messages. Who shared it sees nothing of it.",
  goOn: "Go on",
  leave: "Leave it",
  busy: "One moment…",
  gone: "This link shows nothing any more.",
});
