/** The words of the way to the account, and of what is told about it while the dialog is closed. */
import { told } from "../../../text/words.ts";

export const words = told("account/entry", {
  signIn: "Sign in",
  account: "Account",
  notLoaded: "The page for accounts could not be loaded. Try again in a moment.",
  offer: "With an account you keep these chats, and find them on your other devices.",
  makeOne: "Make one",
  farewells: {
    in: "You are signed in.",
    out: "You are signed out.",
    ended: "You were signed out: this device has been ended, or its time is over.",
    claimed: "The chats of this browser belong to an account now. Sign in to see them.",
  },
  roles: {
    guest: "You are a guest now.",
    user: "You are no administrator any more.",
    admin: "You are an administrator now: no daily limit counts for you.",
  },
});
