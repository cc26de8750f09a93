/** The words of what can be done with a session. */
import { quoted } from "../../text/isolated.ts";
import { told } from "../../text/words.ts";

export const words = told("session", {
  rename: "Rename",
  pin: "Pin",
  unpin: "Unpin",
  pinned: (title: string, isPinned: boolean) => `${quoted(title)} is ${isPinned ? "pinned" : "not pinned any more"}.`,
  notPinned: (title: string, isPinned: boolean) => `${quoted(title)} was not ${isPinned ? "pinned" : "unpinned"}.`,
  newTitle: "New title",
  remove: "Delete",
  take: "Export…",
  share: "Share…",
  shareNotLoaded: "Sharing could not be loaded.",
  notLoaded: "The export could not be loaded.",
  confirmRemove: (title: string) => `Delete ${quoted(title)}?`,
  confirm: "Delete",
  keep: "Keep",
  notRenamed: (title: string) => `${quoted(title)} was not renamed.`,
  select: "Select…",
  selected: (count: number) => (count === 1 ? "1 chat selected" : `${count} chats selected`),
  selection: "Selected chats",
  removeAll: (count: number) => (count === 1 ? "Delete 1 chat" : `Delete ${count} chats`),
  endSelection: "Cancel",
  allRemoved: (count: number) => `${count} chats were deleted.`,
  allBack: (count: number) => (count === 1 ? "1 chat is back." : `${count} chats are back.`),
  notAllRemoved: (count: number, of: number) => `${count} of ${of} chats ${count === 1 ? "was" : "were"} not deleted.`,
  notAllBack: (count: number, of: number) => `${count} of ${of} chats could not be brought back.`,
  notRemoved: (title: string) => `${quoted(title)} was not deleted.`,
});
