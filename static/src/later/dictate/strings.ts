/** The words of dictation. */
import { told } from "../../text/words.ts";

export const words = told("dictate", {
  dictate: "Dictate",
  stop: "Stop dictating",
  where:
    "Your browser writes down what you say. Most browsers, such as Chrome, Edge and Safari, send your voice to their vendor for that. Edgewise gets the text only, when you send it.",
  start: "Start dictating",
  faults: {
    "not-allowed":
      "Your browser does not let Edgewise use the microphone. You can allow it in the browser’s settings for this page.",
    "audio-capture": "No microphone was found.",
    network: "Your browser’s service for dictation cannot be reached.",
    "no-speech": "Nothing was heard.",
    "language-not-supported": "Your browser cannot take down this language.",
  },
  failed: "Your browser’s dictation broke off.",
});
