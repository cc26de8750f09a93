/** What can be done with an answer beyond what everybody does, and who gave it: each is loaded when the first answer is there. */
import type { Props as Reading } from "../aloud/ReadAloud.tsx";
import type { Props as Voting } from "../feedback/Votes.tsx";
import type { Props as Given } from "../models/GivenBy.tsx";
import { useEffect } from "preact/hooks";
import { config, has } from "../../state/config.ts";
import { conversation } from "../../state/conversations.ts";
import { readFirstPage } from "../../state/sessions.ts";
import { part } from "./part.tsx";

const ReadAloud = part<Reading>(
  () => "speechSynthesis" in window,
  async () => (await import("../aloud/ReadAloud.tsx")).ReadAloud,
);

const Votes = part<Voting>(
  () => true,
  async () => (await import("../feedback/Votes.tsx")).Votes,
);

const GivenBy = part<Given>(
  () => true,
  async () => (await import("../models/models.ts")).GivenBy,
);

/** By when a model has given a chat its title, in milliseconds: the list is read again then. */
const TITLED = 5000;

/** Whether it is said that `model` gave an answer: where visitors may choose, and where it is not the one that is asked first. */
function isSaid(model: string): boolean {
  const [first, ...others] = config.value.models ?? [];
  if (has("model_choice")) return others.length > 0;
  return model !== first?.id && others.some(({ id }) => id === model);
}

export function Extras({ message, session }: Voting) {
  const model = message.head?.get("X-Model") ?? message.model;
  useEffect(() => {
    // The first answer of a chat, as it ends on this page.
    const isFirst = session !== null && message.head && conversation(session).messages.peek().length <= 2;
    if (isFirst && has("titles_by_model")) setTimeout(() => void readFirstPage().catch(() => undefined), TITLED);
  }, []);
  return (
    <>
      <ReadAloud id={message.id} />
      <Votes message={message} session={session} />
      {model && isSaid(model) && <GivenBy message={message} model={model} />}
    </>
  );
}
