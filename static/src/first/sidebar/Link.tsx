/** A link to a session, or to the new chat: a real address, followed without loading the page anew. */
import type { ComponentChildren, RefObject } from "preact";
import { addressOf, open } from "../../state/route.ts";

interface Props {
  to: string | null;
  class?: string;
  title?: string;
  isCurrent?: boolean;
  anchor?: RefObject<HTMLAnchorElement | null>;
  onFollow?: () => void;
  children: ComponentChildren;
}

export function Link({ to, isCurrent, anchor, onFollow, children, ...rest }: Props) {
  const follow = (event: MouseEvent) => {
    // A new tab or window is the browser's business.
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(to);
    onFollow?.();
  };
  return (
    <a
      ref={anchor ?? null}
      href={addressOf(to)}
      aria-current={isCurrent ? "page" : undefined}
      onClick={follow}
      {...rest}
    >
      {children}
    </a>
  );
}
