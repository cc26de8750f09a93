/** The words of the way to another device. */
import type { ProblemCode } from "../../api/problem.ts";
import { told } from "../../text/words.ts";

export const words = told("take", {
  close: "Close",
  give: "Take it with you",
  giveNote:
    "Point the camera of the other device at this, or open the link there. It then has the chats of this browser, too.",
  secret: "Show it to nobody else: who has it reads your chats and writes in your place.",
  picture: "The link below, for a camera",
  link: "Link for the other device",
  copy: "Copy the link",
  copied: "The link is copied.",
  notCopied: "This browser does not allow copying here. The link is selected: copy it with your keyboard.",
  left: (time: string) => `Good once, for ${time}.`,
  over: "The time of this link is over.",
  another: "Make another link",
  loading: "One moment…",
  own: "Chats of this browser",
  ownNote: "What you see was taken from another device. This browser has chats of its own, too.",
  back: "Go back to them",

  take: "Chats of another device",
  coming: (chats: number) =>
    chats === 1 ? "One chat comes along." : `${chats === 0 ? "No" : chats} chats come along.`,
  takeNote:
    "What you write here is then seen there, too. The chats of this browser are kept, and you can go back to them.",
  warning: "Go on only if you have made this link yourself: who has made it reads all that you write.",
  doTake: "Show them here",
  leave: "Leave it",
  signedIn: "You are signed in here. Sign out first, then open the link once more.",
  same: "These are the chats that you see here already.",

  problems: {
    not_found: "This link is not known, or its five minutes are over. Make another one on the other device.",
    used: "This link was used before. Make another one on the other device.",
    forbidden: "You have an account: sign in on the other device, and your chats are there.",
    invalid_request: "This link is not whole. Open it once more, or make another one.",
    rate_limited: "There were too many tries, so there is a pause. Try again in a while.",
  } satisfies Partial<Record<ProblemCode, string>>,
});
