/** The words of reading aloud. */
import { told } from "../../text/words.ts";

export const words = told("aloud", {
  read: "Read aloud",
  pause: "Pause reading",
  goOn: "Go on reading",
  stop: "Stop reading",
  /** Said instead of a block of code, and of a formula. */
  instead: { code: "Code, which is not read out.", formula: "a formula" },
  here: "Read by a voice on this device: nothing is sent for it.",
  elsewhere: "Read by your browser’s voice. Some are made on its vendor’s servers, which get the text then.",
  none: "Your browser has no voice for this text that could be heard.",
  failed: "Your browser’s voice broke off.",
  nothing: "There is nothing in this answer to be read out.",
});
