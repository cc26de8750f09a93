/** The words of the way to another device, and of what is told about it while its dialog is closed. */
import { told } from "../../text/words.ts";

export const words = told("aside", {
  take: "Take it with you",
  settings: "Settings",
  about: "About these answers",
  aboutNote:
    "You are talking to an AI, not to a person: what it says can be wrong. Your messages are stored on our server and sent to the model’s provider to be answered.",
  answeredBy: (models: string) => `Answered by: ${models}`,
  lastAnswer: (times: string) => `Time of the last answer on the server: ${times}`,
  notLoaded: "This could not be loaded. Try again in a moment.",
  moved: {
    taken:
      "The chats of the other device are here now. This browser's own are kept: “Take it with you” leads back to them.",
    back: "This browser's own chats are back.",
    deleted: "It is being deleted: your chats, and all that was kept with them.",
  },
});
