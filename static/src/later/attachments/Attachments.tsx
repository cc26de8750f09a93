/** What is attached to a draft, above the field, and the ways to attach something: a long paste, files that are dropped, files that are chosen. */
import { effect } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { locale } from "../../browser/language.ts";
import { strings } from "../../first/strings.ts";
import { announce } from "../../state/announcer.ts";
import { longestMessage } from "../../state/config.ts";
import type { Draft } from "../../state/conversation/draft.ts";
import { notify } from "../../state/notices.ts";
import { type Attachment, attachment, misfits } from "./attachment.ts";
import { useDrop, usePaste } from "./arriving.ts";
import "./attachments.css";
import { Chip, Icon } from "./Chip.tsx";
import { attach, detach, held, settle, turnToWords } from "./held.ts";
import { LARGEST_FILE, MOST_ATTACHED, REFUSALS, type Read, type Refusal, pasted, readAll } from "./read.ts";
import { words } from "./strings.ts";

const numbers = new Intl.NumberFormat(locale);
const number = (value: number) => numbers.format(value);

interface Props {
  draft: Draft;
  field: RefObject<HTMLTextAreaElement | null>;
}

export function Attachments({ draft, field }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const focusAfter = useFocusAfter(list, opener, field);
  useSettled(draft, field);

  const parts = held(draft);
  const limit = longestMessage.value;
  const unfit = misfits(parts, limit);
  const complaint = unfit.length === 0 ? "" : words.misfit(namesOf(unfit), number(limit));
  useEffect(() => {
    if (complaint !== "") announce("notice", complaint);
  }, [complaint]);

  const add = (found: readonly Attachment[]) => {
    if (found.length > 0) announce("notice", words.attached(attach(draft, found)));
  };
  const addRead = (all: readonly { name: string; read: Read }[]) => {
    add(all.flatMap(({ name, read }) => ("text" in read ? [attachment(name, read.text)] : [])));
    for (const why of REFUSALS) {
      const those = all.filter(({ read }) => "refusal" in read && read.refusal === why);
      if (those.length > 0) refuse(why, namesOf(those));
    }
  };
  const room = MOST_ATTACHED - parts.attachments.length;
  const addFiles = async (files: readonly File[]) => addRead(await readAll(files, room));
  usePaste(
    field,
    (text) => addRead([{ name: words.pasted, read: pasted(text, room) }]),
    (files) => void addFiles(files),
  );
  const isOver = useDrop(field, (files) => void addFiles(files));

  const remove = ({ name }: Attachment, at: number) => {
    focusAfter(at);
    const putBack = detach(draft, at);
    const run = () => {
      putBack();
      announce("notice", words.back(name));
    };
    notify({ kind: "done", text: words.removed(name), action: { label: strings.undo, run, isUndo: true } });
  };
  const write = ({ name }: Attachment, at: number) => {
    turnToWords(draft, at);
    announce("notice", words.inField(name));
    field.current?.focus();
  };

  return (
    <>
      <div class="attachments">
        {parts.attachments.length > 0 && (
          <ul ref={list} aria-label={words.list}>
            {parts.attachments.map((each, at) => (
              <Chip
                key={`${each.name} ${at}`}
                attachment={each}
                number={number}
                isUnfit={unfit.includes(each)}
                onWrite={() => write(each, at)}
                onRemove={() => remove(each, at)}
              />
            ))}
          </ul>
        )}
        {complaint !== "" && <p class="trouble">{complaint}</p>}
      </div>
      <button
        ref={opener}
        type="button"
        class="quiet attach"
        aria-label={words.choose}
        title={words.choose}
        onClick={() => chooser.current?.click()}
      >
        <Icon name="clip" />
      </button>
      <input
        ref={chooser}
        type="file"
        multiple
        hidden
        onChange={({ currentTarget }) => {
          void addFiles([...(currentTarget.files ?? [])]);
          // So that the same file can be chosen again.
          currentTarget.value = "";
          if (matchMedia("(hover: hover)").matches) field.current?.focus();
        }}
      />
      {isOver && <p class="drop">{words.drop}</p>}
    </>
  );
}

function namesOf(all: readonly { name: string }[]): string[] {
  return all.map(({ name }) => name);
}

function refuse(why: Refusal, names: string[]): void {
  notify({ kind: "problem", text: words.refused[why](names, number(LARGEST_FILE / 1000)) });
}

/** Keeps the draft in order: what the field does not hold by itself, nor an attachment, was given back. */
function useSettled(draft: Draft, field: RefObject<HTMLTextAreaElement | null>): void {
  // Before anything arrives: it would pass for what was here.
  useLayoutEffect(() => {
    let isFirst = true;
    // At once: a moment later the field holds whatever it was given.
    return effect(() => {
      const isTyped = field.current?.value === draft.words;
      settle(draft, isFirst || !isTyped);
      isFirst = false;
    });
  }, [draft]);
}

/** The result says which attachment has gone: the one that takes its place gets the focus, or else what attaches another. */
function useFocusAfter(
  list: RefObject<HTMLUListElement | null>,
  opener: RefObject<HTMLButtonElement | null>,
  field: RefObject<HTMLTextAreaElement | null>,
): (at: number) => void {
  const gone = useRef<number | null>(null);
  useLayoutEffect(() => {
    const at = gone.current;
    if (at === null) return;
    gone.current = null;
    const left = [...(list.current?.querySelectorAll<HTMLElement>(".remove") ?? [])];
    // The field would open a phone's keyboard.
    const end = matchMedia("(hover: hover)").matches ? field.current : opener.current;
    (left[at] ?? left.at(-1) ?? end)?.focus();
  });
  return (at) => (gone.current = at);
}
