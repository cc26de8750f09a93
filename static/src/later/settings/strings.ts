/** The words of the settings. */
import { told } from "../../text/words.ts";

export const words = told("settings", {
  title: "Settings",
  close: "Close",

  theme: "Theme",
  themes: { system: "System", light: "Light", dark: "Dark" },
  enter: "Enter key",
  enters: { sends: "Sends", breaks: "Starts a new line" },
  enterHints: {
    sends: "Shift + Enter starts a new line.",
    breaks: (modifier: string) => `${modifier} + Enter sends.`,
  },
  language: "Language",
  languageOfBrowser: "As in this browser",
  folded: "Fold the list of chats away",
  context: "How should it answer?",
  imports: "Import chats…",
  shortcuts: "Keyboard shortcuts",
  data: "Your data",
  account: "Account",
  signIn: "Sign in",

  storage: (used: string, limit: string) => `Storage: ${used} of ${limit}`,
  /** Where there is no limit. */
  storageOf: (used: string) => `Storage: ${used}`,
  littleRoom: "There is little room left. Export what you want to keep, then delete chats: each makes room at once.",

  removeAll: "Delete all my chats…",
  reading: "Reading your chats…",
  notRead: "Not all of your chats could be read, so none was deleted.",
  none: "You have no chats.",
  ask: (count: number) => (count === 1 ? "Delete your one chat?" : `Delete all ${count} chats?`),
  askHint: "You can undo this for a moment afterwards.",
  askLong:
    "There are many: keep this page open until a notice says that it is done. You can undo it then, for a moment.",
  remove: "Delete all",
  keep: "Keep them",
  notLoaded: "This could not be loaded. Try again in a moment.",
});
