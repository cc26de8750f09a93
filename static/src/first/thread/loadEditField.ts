/** The field in which a message is said in other words: once the browser is idle, for nobody edits before they have said something. */
import { signal } from "@preact/signals";
import { lazily } from "../../browser/lazily.ts";
import { whenIdle } from "../../browser/whenIdle.ts";

export const editField = signal<typeof import("./EditField.tsx").EditField | null>(null);

/** Asked again where it is wanted and is not there. */
export const loadEditField = () =>
  lazily(() => import("./EditField.tsx")).then(
    (module) => (editField.value = module.EditField),
    () => undefined,
  );
whenIdle(() => void loadEditField());
