/** The words of coming in through a provider, and of what one is known by there. */
import { told } from "../../../../text/words.ts";

export const words = told("account/dialog/providers", {
  goTo: (name: string) => `Continue with ${name}`,
  or: "or",
  again: "You can also go to who vouches for you, and come back to your account.",
  leaving: (name: string) => `On the way to ${name}…`,
  arriving: "You are back. One moment…",
  adding: "You are back. Adding it…",
  identities: "Known by others",
  identitiesNote: "Who vouches for you here. You come in through any of them.",
  none: "Nobody yet.",
  add: (name: string) => `Add ${name}`,
  since: (time: string) => `added ${time}`,
  remove: "Remove",
  removeOne: (name: string) => `Remove ${name}`,
  removed: (name: string) => `${name} is removed.`,
  problems: {
    sign_in_denied: "You were not signed in: it was called off there.",
    sign_in_expired: "That took too long, or was begun in another tab or browser. Try again here.",
    sign_in_failed: "It did not work there. Try again in a moment, or take another way.",
    identity_taken: "There is another account that this lets in. Take another one, or sign in by it.",
    too_many_identities: "You have as many of these as can be kept. Remove one of them first.",
    last_way_in: "Nothing else would let you in. Add another way in before you remove this one.",
    reauthentication_required: "Sign in once more before you add a way in.",
  },
});
