/** What is done with the attachments of a draft. They stand in its text, so that they are kept, sent, and given back with it. */
import type { Draft } from "../../state/conversation/draft.ts";
import { type Attachment, type Parts, distinct, draftOf, partsOf } from "./attachment.ts";

export function held(draft: Draft): Parts {
  return partsOf(draft.text.value, false);
}

/** What was written here last into each draft: it is in order. */
const written = new WeakMap<Draft, string>();

function write(draft: Draft, parts: Parts): void {
  const text = draftOf(parts);
  written.set(draft, text);
  draft.text.value = text;
}

/** Puts what came into the draft where it belongs. `isBack`: it was given back, and has lost its marks on the way. */
export function settle(draft: Draft, isBack: boolean): void {
  if (draft.text.value !== written.get(draft)) write(draft, partsOf(draft.text.value, isBack));
}

/** Adds `found`, each under a name of its own. Returns these names. */
export function attach(draft: Draft, found: readonly Attachment[]): string[] {
  const { words, attachments } = held(draft);
  const taken = new Set(attachments.map(({ name }) => name));
  const named = found.map((each) => {
    const name = distinct(each.name, taken);
    taken.add(name);
    return { ...each, name };
  });
  write(draft, { words, attachments: [...attachments, ...named] });
  return named.map(({ name }) => name);
}

/** Removes the attachment at this place. The result puts it back there. */
export function detach(draft: Draft, at: number): () => void {
  const { words, attachments } = held(draft);
  const removed = attachments.slice(at, at + 1);
  write(draft, { words, attachments: attachments.toSpliced(at, 1) });
  return () => {
    const now = held(draft);
    write(draft, { ...now, attachments: now.attachments.toSpliced(at, 0, ...removed) });
  };
}

/** Puts the text of an attachment behind the words, and is one no more. */
export function turnToWords(draft: Draft, at: number): void {
  const { words, attachments } = held(draft);
  const all = [words, attachments[at]?.text].filter(Boolean).join("\n\n");
  write(draft, { words: all, attachments: attachments.toSpliced(at, 1) });
}
