/** The words of temporary chats. */
import { told } from "../../text/words.ts";

export const words = told("temporary", {
  name: "Temporary chat",
  note: "This chat is not kept.",
  explained:
    "It stands in this tab alone, and is gone with it. Each answer waits on our server for an hour at most, should you reload. It counts among your messages as others do.",
  gone: "The temporary chat is over. What was said in it was kept nowhere else.",
  back: "Back to it",
  away: "Chats cannot be kept at the moment. In a temporary chat you can be answered all the same: this conversation is not kept.",
  askThere: "Ask there",
  goOn: "Go on where you stopped.",
});
