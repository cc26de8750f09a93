/** Which models there are, and which was chosen for a chat: the next turn names it, the server keeps it with the session. */
import { type Signal, computed, signal } from "@preact/signals";
import { TEMPORARY, type Turn } from "../../api/messages.ts";
import type { ServerConfig } from "../../api/types.ts";
import { config, has } from "../../state/config.ts";
import type { Conversation } from "../../state/conversation/conversation.ts";
import type { Way } from "../../state/conversation/way.ts";
import { choice } from "../../state/conversations.ts";
import { sessions } from "../../state/sessions.ts";
import { load, store } from "../../state/storage.ts";

/** Where the last choice is kept, for the next new chat. */
const LAST = "model";

/** Those that visitors may choose among, the first first; none where there is no choice. */
export const models = computed<ServerConfig["models"]>(() => {
  const { models: offered = [] } = config.value;
  return has("model_choice") && offered.length > 1 ? offered : [];
});

/** What was chosen on this page. */
const chosen = new WeakMap<Conversation, Signal<string | null>>();

/** What people call a model. */
export const labelOf = (id: string) => config.value.models?.find((model) => model.id === id)?.label ?? id;

const isOffered = (id: string | null | undefined) => models.value.some((model) => model.id === id);

/** What the server asks without being told. */
function kept({ id }: Conversation): string | null | undefined {
  return sessions.value.find((session) => session.id === id.value)?.model ?? models.value[0]?.id;
}

function of(conversation: Conversation): Signal<string | null> {
  let found = chosen.get(conversation);
  if (!found) chosen.set(conversation, (found = signal(null)));
  return found;
}

/** The model that is shown as the one to answer next. */
export function current(conversation: Conversation): string | undefined {
  const isKept = conversation.id.value !== null && conversation.id.value !== TEMPORARY;
  const last = isKept ? null : load(LAST);
  return [of(conversation).value, last, kept(conversation)].find(isOffered) ?? models.value[0]?.id;
}

export function choose(conversation: Conversation, id: string): void {
  of(conversation).value = id;
  store(LAST, id);
}

/** What the page submits once more by itself stays as it was: another turn would have another key. */
choice.into = (conversation: Conversation, turn: Turn, way?: Way): Turn => {
  const model = current(conversation);
  if (model === undefined || (way?.isByPage && way.key === undefined)) return turn;
  const isKept = model === kept(conversation);
  // The chat may become a session with this turn, of which the list says nothing yet.
  of(conversation).value = model;
  return isKept ? turn : { ...turn, model };
};
