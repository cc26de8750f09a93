/** One attachment: its name and length, and what can be done with it. */
import { characters } from "../../text/characters.ts";
import type { Attachment } from "./attachment.ts";
import { words } from "./strings.ts";

/** Strokes on a 20 by 20 grid, as all icons of the page. */
const PATHS = {
  clip: "M15.5 9.5l-5.3 5.3a3.4 3.4 0 0 1-4.8-4.8l5.7-5.7a2.3 2.3 0 0 1 3.2 3.2l-5.6 5.7a1.1 1.1 0 0 1-1.6-1.6l5-5",
  page: "M5.5 3.5h6l3 3v10h-9zM11.5 3.5v3h3",
  write: "M4 5h12M4 9h12M4 13h5M14.5 11.5v5M12 14l2.5 2.5L17 14",
  close: "M5 5l10 10M15 5L5 15",
};

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

interface Props {
  attachment: Attachment;
  number: (value: number) => string;
  /** It does not fit into the message. */
  isUnfit: boolean;
  onWrite: () => void;
  onRemove: () => void;
}

export function Chip({ attachment: { name, text }, number, isUnfit, onWrite, onRemove }: Props) {
  const count = characters(text);
  return (
    <li class={isUnfit ? "attachment unfit" : "attachment"}>
      <Icon name="page" />
      <span>
        <bdi title={name}>{name}</bdi>
        <small>
          {words.characters(count, number(count))}
          {isUnfit && ` · ${words.unfit}`}
        </small>
      </span>
      <button type="button" class="quiet" aria-label={words.write(name)} title={words.write(name)} onClick={onWrite}>
        <Icon name="write" />
      </button>
      <button
        type="button"
        class="quiet remove"
        aria-label={words.remove(name)}
        title={words.remove(name)}
        onClick={onRemove}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}
