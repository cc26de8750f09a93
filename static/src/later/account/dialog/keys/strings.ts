/** The words about API keys. */
import type { ProblemCode } from "../../../../api/problem.ts";
import { quoted } from "../../../../text/isolated.ts";
import { told } from "../../../../text/words.ts";

export const words = told("account/dialog/keys", {
  title: "API keys",
  note: "Programs that speak OpenAI's API can ask this page's model. What they ask counts as your messages.",
  address: "Address (base_url)",
  none: "There is no key yet.",

  make: "Make a key",
  makeIt: "Make the key",
  name: "Name of the key",
  nameHint: "Such as the program that will have it.",
  noName: "Give the key a name.",
  ends: "It ends",
  lasts: { 30: "in 30 days", 90: "in 90 days", 365: "in a year", 0: "only when you revoke it" },
  cancel: "Cancel",

  madeTitle: "Your new key",
  madeNote:
    "It is shown now and never again. Give it to one program and to nobody else; who has it can use up your messages.",
  key: "Key",
  examples: "Examples",
  close: "I have kept the key",
  copy: "Copy",
  copyThat: (what: string) => `Copy: ${what}`,
  copied: (what: string) => `Copied: ${what}.`,
  notCopied: "This browser does not allow copying here. It is selected: copy it with your keyboard.",

  made: (time: string) => `made ${time}`,
  usedToday: "used today",
  used: (time: string) => `last used ${time}`,
  unused: "not used yet",
  endsIn: (time: string) => `ends: ${time}`,
  ended: "has ended",
  endless: "does not end by itself",
  revoke: "Revoke",
  revokeThat: (name: string) => `Revoke ${quoted(name)}`,
  confirmRevoke: (name: string) => `Revoke ${quoted(name)}? Programs that have it are refused from then on.`,
  keep: "Keep",
  revoked: (name: string) => `${quoted(name)} is revoked.`,

  problems: {
    too_many_api_keys: "You have five keys, which is as many as there can be. Revoke one first.",
  } satisfies Partial<Record<ProblemCode, string>>,
});
