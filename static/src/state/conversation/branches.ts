/** The messages of a conversation as a tree: an edit, or another answer, stands beside what was there before. One branch is shown. */

export interface Node {
  /** Later ones sort after earlier ones. */
  id: string;
  parentId: string | null;
}

/** Which version the reader wants to see after a message. */
export type Choices = ReadonlyMap<string | null, string>;

/** The messages from the first to a leaf: where the reader has chosen a version that one, elsewhere the way to the newest message. `messages` are in order. */
export function branch<T extends Node>(messages: readonly T[], choices: Choices): T[] {
  const newest = newestBelow(messages);
  const latest = (versions: readonly T[]) =>
    versions.reduce((one, other) => ((newest.get(other.id) ?? "") > (newest.get(one.id) ?? "") ? other : one));

  const children = new Map<string | null, T[]>();
  for (const message of messages) {
    const siblings = children.get(message.parentId);
    if (siblings) siblings.push(message);
    else children.set(message.parentId, [message]);
  }

  const known = new Set(messages.map(({ id }) => id));
  const roots = messages.filter(({ parentId }) => parentId === null || !known.has(parentId));
  const shown: T[] = [];
  // What comes before the messages read so far is not known: several of them may begin a branch.
  let versions = roots.length > 0 ? children.get(latest(roots).parentId) : undefined;
  while (versions) {
    const [{ parentId } = { parentId: null }] = versions;
    const chosen = choices.get(parentId);
    const next = versions.find(({ id }) => id === chosen) ?? latest(versions);
    shown.push(next);
    versions = children.get(next.id);
  }
  return shown;
}

/** All versions of `message`, itself among them, the oldest first. */
export function versionsOf<T extends Node>(messages: readonly T[], message: T): T[] {
  return messages.filter(({ parentId }) => parentId === message.parentId);
}

/** The newest message that each leads to. */
function newestBelow(messages: readonly Node[]): Map<string, string> {
  const newest = new Map<string, string>();
  for (const { id, parentId } of messages.toReversed()) {
    const below = newest.get(id) ?? id;
    newest.set(id, below);
    if (parentId !== null && below > (newest.get(parentId) ?? "")) newest.set(parentId, below);
  }
  return newest;
}
