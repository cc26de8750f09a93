/** The words of what can be done with a session. */
import { quoted } from "../../text/isolated.ts";

export const words = {
  rename: "Rename",
  newTitle: "New title",
  remove: "Delete",
  take: "Export…",
  notLoaded: "The export could not be loaded.",
  confirmRemove: (title: string) => `Delete ${quoted(title)}?`,
  confirm: "Delete",
  keep: "Keep",
  notRenamed: (title: string) => `${quoted(title)} was not renamed.`,
  notRemoved: (title: string) => `${quoted(title)} was not deleted.`,
};
