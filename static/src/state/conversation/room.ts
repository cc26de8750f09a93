/** Where what is sent without a connection waits: `later/unsent`, which comes once the browser is idle. */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Turn } from "../../api/messages.ts";
import type { Problem } from "../../api/problem.ts";
import type { Draft } from "./draft.ts";
import type { Outbox, Waiting } from "./outbox.ts";
import type { Thread } from "./thread.ts";

/** A conversation, as far as it matters here. */
export interface Speaker {
  readonly id: ReadonlySignal<string | null>;
  readonly thread: Thread;
  readonly draft: Draft;
  readonly outbox: Outbox;
  readonly problem: Signal<Problem | null>;
  readonly outgoing: ReadonlySignal<string | null>;
  isDraftOf: (turn: Turn) => boolean;
  takeBack: (one: Waiting) => void;
}

export interface Room {
  /** What waits in a conversation and is not on its way. */
  waitingIn: (conversation: Speaker) => readonly Waiting[];
  /** Takes the draft, if it has to wait. */
  takes: (conversation: Speaker) => boolean;
  has: (key: string) => boolean;
  /** The server has it, or it stands in the field again. */
  forget: (key: string) => void;
  /** The new chat has become a session, by what was sent under `key`. */
  adopt: (sessionId: string, key: string | undefined) => void;
  /** Decides what becomes of words that the server has not accepted, if they have waited here; null: the visitor took them back. */
  settles: (conversation: Speaker, key: string | undefined, problem: Problem | null) => boolean;
}

/** Null: it is not here yet. */
export const room = signal<Room | null>(null);

export const waitingIn = (speaker: Speaker): readonly Waiting[] => room.value?.waitingIn(speaker) ?? [];
