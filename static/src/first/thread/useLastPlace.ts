/** Where each conversation of this visit was left: coming back, one finds what one was reading. */
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { Conversation } from "../../state/conversation/conversation.ts";
import type { Follow } from "./useFollow.ts";

export interface Place {
  /** The first message in view, and how far it was from the view's top. */
  message: string;
  top: number;
}

const places = new WeakMap<Conversation, Place>();

/** Where `conversation` was left; undefined: at its end. */
export function lastPlace(conversation: Conversation): Place | undefined {
  return places.get(conversation);
}

/** Goes to where `conversation` was left, and notes where it is left again. */
export function useLastPlace(
  scroller: RefObject<HTMLElement | null>,
  conversation: Conversation,
  { isFollowing, toEnd, moved }: Follow,
): void {
  useLayoutEffect(() => {
    const [element, place] = [scroller.current, places.get(conversation)];
    if (element && place) {
      const message = [...element.querySelectorAll<HTMLElement>("article")].find(
        ({ dataset }) => dataset.message === place.message,
      );
      if (message) {
        element.scrollTop += message.getBoundingClientRect().top - element.getBoundingClientRect().top - place.top;
        moved();
      } else toEnd();
    }
    return () => {
      places.delete(conversation);
      if (!element || isFollowing.peek()) return;
      const edge = element.getBoundingClientRect().top;
      for (const message of element.querySelectorAll<HTMLElement>("article")) {
        const { top, bottom } = message.getBoundingClientRect();
        if (bottom <= edge || message.dataset.message === undefined) continue;
        places.set(conversation, { message: message.dataset.message, top: top - edge });
        return;
      }
    };
  }, [scroller, conversation, isFollowing, toEnd, moved]);
}
