/** What stands beside the field, before its buttons: which model answers, where there is a choice, and the way to speak instead of typing. */
import type { Props as Dictating } from "../dictate/Dictate.tsx";
import type { Props as Choosing } from "../models/Picker.tsx";
import { has } from "../../state/config.ts";
import { part } from "./part.tsx";

const Picker = part<Choosing>(
  () => has("model_choice"),
  async () => (await import("../models/models.ts")).Picker,
);

const Dictate = part<Dictating>(
  () => "SpeechRecognition" in window || "webkitSpeechRecognition" in window,
  async () => (await import("../dictate/Dictate.tsx")).Dictate,
);

export function Beside({ conversation }: Choosing) {
  return (
    <>
      <Picker conversation={conversation} />
      <Dictate draft={conversation.draft} />
    </>
  );
}
