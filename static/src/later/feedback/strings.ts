/** The words of what a reader thinks of an answer. */
import { told } from "../../text/words.ts";

export const words = told("feedback", {
  up: "This answer helped",
  down: "This answer did not help",
  why: "What was wrong with it? You need not say.",
  send: "Send",
  skip: "Not now",
  thanks: "Thank you. Your word is kept with the answer.",
  failed: "Your vote was not kept. Please try again in a moment.",
});
