/** One subject of the page. */
import type { ComponentChildren } from "preact";

interface Props {
  id: string;
  title: string;
  isWide?: boolean;
  children: ComponentChildren;
}

/** The heading's id is `id`: what is below may be named by it. */
export function Section({ id, title, isWide = false, children }: Props) {
  return (
    <section class={isWide ? "admin-section admin-wide" : "admin-section"} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}
