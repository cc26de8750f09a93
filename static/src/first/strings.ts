/**
 * Every word the page shows or says, also of what is loaded on demand: to be proof-read or translated. Only a part of the page that few open
 * brings its words along, in a file of this name beside it.
 */
import type { ProblemCode } from "../api/problem.ts";
import { quoted } from "../text/isolated.ts";
import { told } from "../text/words.ts";

export const strings = told("first", {
  product: "Edgewise",
  newChat: "New chat",
  chats: "Chats",
  openChats: "Open the list of chats",
  closeChats: "Close the list of chats",
  skip: "Skip to the message field",
  more: (title: string) => `More for ${quoted(title)}`,
  answers: "is being answered",
  noChats: "Your chats will be listed here.",
  days: {
    pinned: "Pinned",
    today: "Today",
    yesterday: "Yesterday",
    week: "Previous 7 days",
    days30: "Previous 30 days",
  },
  untitled: "Untitled chat",
  listFailed: "Your chats could not be read.",
  removed: (title: string) => `${quoted(title)} was deleted.`,
  undo: "Undo",
  renamed: (title: string) => `Renamed to ${quoted(title)}.`,
  restored: (title: string) => `${quoted(title)} is back.`,
  notRestored: (title: string) => `${quoted(title)} could not be brought back.`,
  dismiss: "Dismiss",

  greeting: "What is on your mind?",
  greetingNote:
    "Ask anything, without an account. Your chats are kept on our server, open only in this browser, and go to the model’s provider to be answered. Clearing this browser’s data loses them.",
  greetingNoteIn:
    "Your chats are kept on our server, open where you sign in, and go to the model’s provider to be answered.",
  starters: ["Explain an idea in simple words", "Help me with a letter", "Plan a weekend for two"],
  aiNotice: "AI answers, can be wrong",
  messages: "Messages",
  notAll: "Earlier messages of this chat are not printed here.",
  moreMessages: "Show more messages",
  loading: "Loading…",
  you: "You",
  assistant: "Edgewise",
  thinking: "Waiting for the first words",
  still: "Still answering…",
  stopped: "Stopped.",
  interrupted: "The answer broke off here.",
  failed: "This message got no answer.",
  left: "The answer ended when the page was left or lost its connection.",
  truncated: "The answer reached the longest that the model may write.",
  filtered: "The model’s provider held back the rest of this answer.",
  empty: "The model answered without a word.",
  newest: "To the newest message",
  newestUnread: "To the newest message: there is more",
  copy: "Copy message",
  copied: "Copied.",
  notCopied: "This browser does not allow copying here. Select the text instead.",
  again: "Ask again",
  continueAnswer: "Continue",
  edit: "Edit message",
  cancel: "Cancel",
  version: (at?: number, of?: number) => `Version ${at ?? ""} of ${of ?? ""}`,
  versionBefore: "Previous version",
  versionAfter: "Next version",
  pickingUp: "The connection broke. Picking up the rest…",
  notSaved: "This answer is not saved yet.",
  saveAgain: "Save again",
  tryAgain: "Try again",
  outdated: "A part of this page cannot be loaded any more, probably because there is a newer one. Your text is kept.",
  reload: "Reload",
  missing: "This chat does not exist, or it belongs to another browser.",
  missingTitle: "No such chat",
  earlierFailed: "Earlier messages could not be read.",
  readFailed: "This chat could not be read.",
  codeCopied: "Code copied.",
  codeNotCopied: "Not copied. The code is selected: copy it with your keyboard.",

  missingUnkept: "This chat is gone: your browser does not let Edgewise keep anything.",
  unkept: "Your browser does not let Edgewise keep anything: your chats are gone when you close or reload this page.",

  placeholder: "Write a message",
  send: "Send",
  stop: "Stop answering",
  sending: "Sending…",
  sendLater: "Send when the answer has ended",
  answerFirst: "This can be sent when the answer has ended.",
  waits: "Goes out when the answer has ended.",
  takeBack: "Take back",
  returned: "What waited is in the message field again.",
  sendAgain: "Send again",
  sentLater: "Your text is kept, and sent when the connection is back.",
  tryIn: (time: string) => `You can try again in ${time}.`,
  tryNow: "You can try again now.",
  keys: "Enter sends, Shift + Enter starts a new line",
  keysTurned: "Enter starts a new line, Ctrl or ⌘ + Enter sends",
  characters: (count: string, limit: string) => `${count} of ${limit} characters`,
  isOff: "Edgewise is switched off at the moment. Your text is kept.",
  isOffline: "Offline",
  isUnreachable: "Reconnecting…",
  offline: "You are offline.",
  online: "You are online again.",
  noNetwork: "You are offline. Your text is kept until the connection is back.",
  atDailyLimit: (time: string) => `You have used all of today’s messages. There will be new ones in ${time}.`,
  atBudget: (time: string) =>
    `This page’s budget for answers is used up for now. It is filled again in ${time}; until then your chats can be read, and your text is kept.`,
  checking: "Checking that you are a person… This takes a few seconds.",
  crowded: (time: string) => `Many people are writing right now. Your message is sent again in ${time}.`,
  atMinuteLimit: (time: string) => `That was quick. You can send again in ${time}.`,

  leftToday: (left: string, limit: string) => `${left} of ${limit} messages left today`,
  lowToday: (left: string, limit: string) => `Only ${left} of ${limit} messages are left today.`,
  leftThisMinute: (left: string) => `${left} left this minute`,
  resetsIn: (time: string) => `resets in ${time}`,
  justNow: "just now",
  hours: (hours: number, minutes: number) => (minutes ? `${hours} h ${minutes} min` : `${hours} h`),
  minutes: (minutes: number) => `${minutes} min`,
  seconds: (seconds: number) => `${seconds} s`,

  notLoaded: "This could not be loaded. Try again in a moment.",

  notice: (text: string) => text,
  answering: "Answering.",
  done: "Answer complete.",

  /** What can be wrong before the words for everything else are here, or for want of a connection. */
  problems: {
    offline: "Edgewise cannot be reached. Check your connection.",
    foreign:
      "Something else answered in Edgewise’s place, such as the sign-in page of your network. Your chats are safe.",
    unreadable: "The server’s answer could not be read. Try again in a moment.",
  } satisfies Partial<Record<ProblemCode, string>>,
  /** For a code this page does not know. */
  unknownProblem: "That did not work. Try again.",
  reference: (id: string) => `Reference: ${id}`,
});

/** What only index.html says: it is no part of the script. */
export const shell = {
  description: "A language model to talk to, served from the edge.",
  noScript: "Edgewise needs JavaScript to talk to the model.",
  notStarted: "Edgewise did not load. What you have written here is not kept yet: copy it before you reload.",
};
