/** The model that answers next, and the others to choose among. A select of the browser's own lies over what is seen of it. */
import { useEffect } from "preact/hooks";
import { asked } from "../../state/config.ts";
import type { Conversation } from "../../state/conversation/conversation.ts";
import { choose, current, labelOf, models } from "./choice.ts";
import { words } from "./strings.ts";
import "./models.css";

export interface Props {
  conversation: Conversation;
}

export function Picker({ conversation }: Props) {
  const chosen = current(conversation);
  useEffect(() => {
    if (chosen !== undefined) asked.value = chosen;
  }, [chosen]);
  if (chosen === undefined) return null;
  return (
    <span class="model">
      <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
        <path d="M6 6h8v8H6zM8 3v3M12 3v3M8 14v3M12 14v3M3 8h3M3 12h3M14 8h3M14 12h3" />
      </svg>
      <bdi aria-hidden="true">{labelOf(chosen)}</bdi>
      <select
        aria-label={words.model}
        title={words.model}
        value={chosen}
        onChange={({ currentTarget }) => choose(conversation, currentTarget.value)}
      >
        {models.value.map(({ id, label }) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </select>
    </span>
  );
}
