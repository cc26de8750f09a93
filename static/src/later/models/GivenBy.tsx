/** Under an answer: the model that gave it, and that it is not the one that was chosen, if so. */
import { isolated } from "../../text/isolated.ts";
import type { ShownMessage } from "../../state/conversation/message.ts";
import { labelOf, models } from "./choice.ts";
import { words } from "./strings.ts";
import "./models.css";

export interface Props {
  message: ShownMessage;
}

export function GivenBy({ message }: Props) {
  const model = message.head?.get("X-Model") ?? message.model;
  const insteadOf = message.head?.get("X-Model-Instead-Of");
  if (!model || models.value.length === 0) return null;
  const name = labelOf(model);
  return (
    <>
      <span class="given-by">
        <span class="unseen">{words.by(isolated(name))}</span>
        <bdi aria-hidden="true">{name}</bdi>
      </span>
      {insteadOf && <span class="instead">{words.instead(isolated(labelOf(insteadOf)), isolated(name))}</span>}
    </>
  );
}
