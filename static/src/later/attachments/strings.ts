/** The words of what is attached to a message. */
import { quoted } from "../../text/isolated.ts";
import { MOST_ATTACHED, type Refusal } from "./read.ts";
import { told } from "../../text/words.ts";

/** How many are named; of the others it is said how many they are. */
const NAMED = 3;

const all = (names: readonly string[]) => {
  const first = names.slice(0, NAMED).map(quoted).join(", ");
  return names.length > NAMED ? `${first} and ${names.length - NAMED} more` : first;
};
const were = ({ length }: readonly string[]) => (length === 1 ? "was" : "were");
const are = ({ length }: readonly string[]) => (length === 1 ? "is" : "are");

export const words = told("attachments", {
  list: "Attached to the message",
  pasted: "Pasted text",
  choose: "Attach text files",
  drop: "Drop text files here",
  characters: (count: number, shown: string) => (count === 1 ? "1 character" : `${shown} characters`),
  write: (name: string) => `Put ${quoted(name)} into the message field`,
  remove: (name: string) => `Remove ${quoted(name)}`,
  attached: (names: readonly string[]) => `Attached: ${all(names)}.`,
  removed: (name: string) => `${quoted(name)} was removed.`,
  back: (name: string) => `${quoted(name)} is back.`,
  inField: (name: string) => `${quoted(name)} is in the message field now.`,
  unfit: "does not fit",
  misfit: (names: readonly string[], limit: string) =>
    names.length === 1
      ? `${all(names)} does not fit: a message may have ${limit} characters. Remove or shorten something.`
      : `These do not fit: ${all(names)}. A message may have ${limit} characters. Remove or shorten something.`,
  /** Why files were not attached. */
  refused: {
    empty: (names) => `${all(names)} ${are(names)} empty, so there is nothing to attach.`,
    tooLarge: (names, largest) => `${all(names)} ${were(names)} not attached: a file may have ${largest} kB at most.`,
    notText: (names) => `${all(names)} ${were(names)} not attached: only text can be sent.`,
    notUtf8: (names) =>
      `${all(names)} ${were(names)} not attached: the text is not in UTF-8. Save it as UTF-8, then try again.`,
    tooMany: (names) =>
      `${all(names)} ${were(names)} not attached: a message may have ${MOST_ATTACHED} attachments at most.`,
    unreadable: (names) => `${all(names)} could not be read. Of a folder, attach the files.`,
  } satisfies Record<Refusal, (names: readonly string[], largest: string) => string>,
});
