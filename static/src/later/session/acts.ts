/** What the row of a session turns into where something is done with it, all of them where several are selected, and what can be done with an answer, or instead of typing. */
import type { Props as Dictating } from "../dictate/Dictate.tsx";
import type { Props as Reading } from "../aloud/ReadAloud.tsx";
import "./acts.css";
import { part } from "./part.tsx";

export { Choice } from "./Choice.tsx";
export { Confirmation } from "./Confirmation.tsx";
export { focusNotice } from "./focusNotice.ts";
export { removeAll } from "./removeAll.ts";
export { RowMenu } from "./RowMenu.tsx";
export { SelectionBar } from "./SelectionBar.tsx";
export { isSelecting } from "./selection.ts";
export { TitleEditor } from "./TitleEditor.tsx";

export const ReadAloud = part<Reading>(
  () => "speechSynthesis" in window,
  async () => (await import("../aloud/ReadAloud.tsx")).ReadAloud,
);

export const Dictate = part<Dictating>(
  () => "SpeechRecognition" in window || "webkitSpeechRecognition" in window,
  async () => (await import("../dictate/Dictate.tsx")).Dictate,
);
