/** Where each conversation of this visit was left: coming back, one finds what one was reading. */
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { Conversation } from "../../state/conversation/conversation.ts";
import { type Place, places } from "../../state/places.ts";
import type { Follow } from "./useFollow.ts";

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
    places.delete(conversation);
    if (element && place) {
      const message = [...element.querySelectorAll<HTMLElement>("article")].find(
        ({ dataset }) => dataset.message === place.message,
      );
      if (message) {
        element.scrollTop += message.getBoundingClientRect().top - element.getBoundingClientRect().top - place.top;
        moved();
        place.onArrival?.(message);
      } else toEnd();
    }
    return () => {
      // Where the reader wants to be is there by now.
      if (!element || isFollowing.peek() || places.has(conversation)) return;
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
