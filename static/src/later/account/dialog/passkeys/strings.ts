/** The words about passkeys. */
import type { ProblemCode } from "../../../../api/problem.ts";
import { quoted } from "../../../../text/isolated.ts";
import { told } from "../../../../text/words.ts";

export const words = told("account/dialog/passkeys", {
  or: "or",
  signIn: "Sign in with a passkey",
  signUp: "Make the account with a passkey",
  signUpNote:
    "A passkey is kept by your device or password manager and unlocked by your finger, face or PIN. There is no password to lose.",
  unsupported: "This browser cannot use passkeys here. A newer one can.",
  asking: "Your device or browser asks you now.",

  title: "Passkeys",
  note: "You sign in by them without a password: unlocked by your finger, face or PIN.",
  none: "There is none yet.",
  add: "Add a passkey",
  added: (name: string) => `${quoted(name)} is added.`,
  unnamed: "Passkey",
  made: (time: string) => `made ${time}`,
  used: (time: string) => `last used ${time}`,
  unused: "not used yet",
  backedUp: "kept on several devices",
  rename: "Rename",
  renameThat: (name: string) => `Rename ${quoted(name)}`,
  newName: "Name of the passkey",
  save: "Save",
  cancel: "Cancel",
  renamed: (name: string) => `It is called ${quoted(name)} now.`,
  remove: "Remove",
  removeThat: (name: string) => `Remove ${quoted(name)}`,
  confirmRemove: (name: string) => `Remove ${quoted(name)}? Nobody signs in by it then. Delete it on your device, too.`,
  keep: "Keep",
  removed: (name: string) => `${quoted(name)} is removed.`,
  onlyOne:
    "It is your only way in: who loses it has lost the account. Add another one, on another device, or set a password.",

  again: "This needs a sign-in of the last five minutes. Sign in once more to go on.",
  againByOther: "This needs a sign-in of the last five minutes. Sign out and in again, and come back here.",
  byPassword: "Go on",
  byPasskey: "Use a passkey",

  spareNote:
    "Your account is made. The passkey is its only way in, and there is no recovery code: who loses it has lost the account. Have a second way ready.",
  spareAdd: "Add another passkey",
  sparePassword: "Set a password",
  later: "Later",

  problems: {
    passkeys_unsupported: "This browser cannot use passkeys here. A newer one can.",
    passkey_cancelled: "No passkey was used: it was cancelled, or there is none for this page on this device.",
    passkey_late: "That took too long. Try again.",
    passkey_known: "This device already keeps a passkey of your account. Add one on another device.",
    passkey_unfit:
      "This device cannot make a passkey that is unlocked by its owner. Set up a screen lock, or use a phone or a security key.",
    passkey_elsewhere: "Passkeys are for another address than this one. Open the page by its own address.",
    passkey_failed: "The browser could not use the passkey. Try again.",
    wrong_credentials: "This passkey is not known here. It may have been removed from its account.",
    challenge_used: "That was sent twice. Try again.",
    passkey_taken: "There is an account with this passkey already. Sign in with it.",
    too_many_passkeys: "You have as many passkeys as can be kept. Remove one first.",
    last_way_in: "Nothing else would let you in. Add another passkey or set a password first.",
    not_found: "There are no passkeys here at the moment.",
  } satisfies Partial<Record<ProblemCode, string>>,
});
