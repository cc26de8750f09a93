/** Where the reader of each conversation was, or wants to be: a message, and where it stands in the view. */
import { signal } from "@preact/signals";
import type { Conversation } from "./conversation/conversation.ts";

export interface Place {
  /** The first message in view, and how far it was from the view's top. */
  message: string;
  top: number;
  /** Is called with the message once it stands there. */
  onArrival?: (message: HTMLElement) => void;
}

/** Taken when a conversation comes to the screen, and put there when it leaves. */
export const places = new WeakMap<Conversation, Place>();

/** Counts the places that were wanted in the conversation on screen: it comes to the screen anew. */
export const jumps = signal(0);
