/** What the row of a session turns into where something is done with it, and what can be done with an answer, or instead of typing. */
import type { Props as Dictating } from "../dictate/Dictate.tsx";
import type { Props as Reading } from "../aloud/ReadAloud.tsx";
import { part } from "./part.tsx";

export { Confirmation } from "./Confirmation.tsx";
export { RowMenu } from "./RowMenu.tsx";
export { TitleEditor } from "./TitleEditor.tsx";

export const ReadAloud = part<Reading>(
  () => "speechSynthesis" in window,
  async () => (await import("../aloud/ReadAloud.tsx")).ReadAloud,
);

export const Dictate = part<Dictating>(
  () => "SpeechRecognition" in window || "webkitSpeechRecognition" in window,
  async () => (await import("../dictate/Dictate.tsx")).Dictate,
);
