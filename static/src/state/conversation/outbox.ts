/**
 * What a conversation sends: one turn on its way to the server, and what the visitor has said meanwhile, which goes out one after the
 * other and can be taken back until then. Kept in this tab across reloads.
 *
 * A turn that is sent again before the server has accepted it has the same key, so that it is answered, and counted, once. What waits has
 * its key from the beginning: a tab that was made as a copy of this one sends the same.
 */
import { type ReadonlySignal, type Signal, effect, signal } from "@preact/signals";
import type { Turn } from "../../api/messages.ts";
import type { Role } from "../../api/types.ts";
import { load, store } from "../storage.ts";
import { asKept } from "./draft.ts";
import { storageKey } from "./storageKey.ts";

/** A turn that the server has not accepted yet, as far as this page knows. */
export interface Pending {
  turn: Turn;
  key: string;
  /** The newest message there was. */
  after: string;
  /** Whether nothing is known of its end: the page was left while it was on its way. */
  isOpen: boolean;
  /** When it was sent last, in milliseconds since the epoch by this device's clock. */
  at?: number;
}

/** How long the server knows a key, in milliseconds: after that nothing is sent again unasked. */
const KEY_LIFE = 86_400_000;

/** What the visitor has said and nobody has sent yet. */
export interface Waiting {
  key: string;
  text: string;
  /** Why it waits; where there is nothing, an answer is to end first. */
  state?: string;
  /** It has waited for so long that the visitor is asked: has it sent. */
  confirm?: () => void;
  /** Another tab is sending it: it cannot be taken back. */
  isGoing?: boolean;
}

export class Outbox {
  readonly waiting: Signal<readonly Waiting[]>;
  /** The tab's storage may be forbidden: it is for the page that comes after this one. */
  #pending: Pending | null;

  constructor(private readonly id: ReadonlySignal<string | null>) {
    this.#pending = pendingIn(id.peek());
    this.waiting = signal(waitingIn(id.peek()));
    effect(() => {
      const { value } = this.waiting;
      store(storageKey("outbox", id.value), value.length > 0 ? JSON.stringify(value) : null, "tab");
    });
  }

  /** Puts `text` at the end of what waits. */
  enqueue(text: string): void {
    this.waiting.value = [...this.waiting.value, { key: newKey(), text }];
  }

  /** Takes that of this key out of what waits. */
  take(key: string): void {
    this.waiting.value = this.waiting.value.filter((each) => each.key !== key);
  }

  get pending(): Pending | null {
    return this.#pending;
  }

  /** Whether the pending turn was sent so long ago that the server would take it for another. */
  get isLate(): boolean {
    return Date.now() - (this.#pending?.at ?? Infinity) > KEY_LIFE;
  }

  /** Notes that `turn` is on its way, by the key that it has had while it waited, if any. The same turn as the pending one is that one, sent again. */
  dispatch(turn: Turn, after: string, waited?: string): { key: string; isRepeated: boolean } {
    const before = this.pending;
    const repeated =
      before && waited === undefined && JSON.stringify(before.turn) === JSON.stringify(turn) ? before : null;
    const pending = { ...(repeated ?? { turn, key: waited ?? newKey(), after }), isOpen: true, at: Date.now() };
    this.#keep(pending);
    isLeft = false;
    underWay.add(this);
    addEventListener("beforeunload", leave);
    return { key: pending.key, isRepeated: repeated !== null || waited !== undefined };
  }

  /** It has become known which message the pending turn comes after. */
  placeAfter(newest: string): void {
    const { pending } = this;
    if (pending) this.#keep({ ...pending, after: newest });
  }

  /** Notes that the visitor was told the turn was not accepted. The server may have accepted it nevertheless. */
  reject(): void {
    const { pending } = this;
    if (pending && !isLeft) this.#keep({ ...pending, isOpen: false });
    this.#end();
  }

  /** Forgets the turn: it was accepted, or can never be. */
  resolve(): void {
    this.#keep(null);
    this.#end();
  }

  /** The new chat has become a session: what was sent in it belongs there. To be called before its `id` changes. */
  adopt(sessionId: string): void {
    store(storageKey("pending", sessionId), this.#pending && JSON.stringify(this.#pending), "tab");
    store(storageKey("pending", null), null, "tab");
    // Under its new name it is kept when the `id` changes.
    store(storageKey("outbox", null), null, "tab");
  }

  #keep(pending: Pending | null): void {
    this.#pending = pending;
    store(storageKey("pending", this.id.peek()), pending && JSON.stringify(pending), "tab");
  }

  #end(): void {
    underWay.delete(this);
    if (underWay.size === 0) removeEventListener("beforeunload", leave);
  }
}

/** A page that is left sees its calls fail, and nothing tells what became of them. Firefox fails them before it hides the page. */
let isLeft = false;
const leave = () => (isLeft = true);
addEventListener("pagehide", leave);
addEventListener("pageshow", () => (isLeft = false));
/** How long a page lives at most that is being left, in milliseconds. */
const LEAVING = 1000;

/** Resolves at once, but never where the page is being left: what fails there is left as it is, for the page that comes back. */
export async function whenStaying(): Promise<void> {
  if (!isLeft) return;
  await new Promise((resolve) => setTimeout(resolve, LEAVING));
  isLeft = false;
}

/** `beforeunload` is listened to only meanwhile: a page that always does is not kept for the way back. */
const underWay = new Set<Outbox>();

/** A message as far as it matters here. */
interface Known {
  id: string;
  parentId: string | null;
  role: Role;
  text: { value: string };
}

/** What came of a turn, if it is among `messages`: the visitor's message, or the answer if nothing was said anew. */
export function foundIn<T extends Known>({ turn, after }: Pending, messages: readonly T[]): T | undefined {
  const isNew = ({ id }: T) => id > after;
  switch (turn.do) {
    case "send":
    case "edit":
      return messages.find((one) => isNew(one) && one.role === "user" && one.text.value === asKept(turn.content));
    case "regenerate": {
      const target = messages.find(({ id }) => id === turn.messageId);
      const question = target?.role === "user" ? target.id : target?.parentId;
      return messages.find((one) => isNew(one) && one.role === "assistant" && one.parentId === question);
    }
    case "continue":
      // It leaves no message behind that was not there before.
      return undefined;
  }
}

function pendingIn(id: string | null): Pending | null {
  const kept = load(storageKey("pending", id), "tab");
  return kept === null ? null : (JSON.parse(kept) as Pending);
}

function waitingIn(id: string | null): readonly Waiting[] {
  const kept = load(storageKey("outbox", id), "tab");
  return kept === null ? [] : (JSON.parse(kept) as Waiting[]);
}

/** Not `randomUUID`, which pages without https do not have. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
