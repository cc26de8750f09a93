/** Under an answer: the model that gave it, and that it is not the one that was chosen, or else the first, if so. */
import type { ServerConfig } from "../../api/types.ts";
import { config } from "../../state/config.ts";
import type { ShownMessage } from "../../state/conversation/message.ts";
import { isolated } from "../../text/isolated.ts";
import { labelOf, models } from "./choice.ts";
import { words } from "./strings.ts";
import "./models.css";

export interface Props {
  message: ShownMessage;
  /** The id of the model. */
  model: string;
}

export function GivenBy({ message, model }: Props) {
  const name = labelOf(model);
  const note = noteOn(message, model, config.value.models?.[0]);
  return (
    <>
      <span class="given-by">
        <span class="unseen">{words.by(isolated(name))}</span>
        <bdi aria-hidden="true">{name}</bdi>
      </span>
      {note && <span class="instead">{note}</span>}
    </>
  );
}

/** Why it was that model, where it was not the one that one would expect. */
function noteOn({ head }: ShownMessage, model: string, first?: ServerConfig["models"][number]): string | null {
  const name = isolated(labelOf(model));
  const insteadOf = head?.get("X-Model-Instead-Of");
  if (insteadOf) return words.instead(isolated(labelOf(insteadOf)), name);
  // Of an earlier visit it is not known what was chosen, nor what the first was not there for.
  const isUsual = models.value.length > 0 || !first || first.id === model;
  return isUsual ? null : words.other(name, isolated(first.label));
}
