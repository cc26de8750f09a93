/** A text as a QR code: dark on light in every theme, for a camera reads it. */
import { useMemo } from "preact/hooks";
import { drawn } from "./drawn.ts";
import { words } from "./strings.ts";

/** The margin that a reader needs, in modules. */
const QUIET = 4;

export function Picture({ text }: { text: string }) {
  const { size, path } = useMemo(() => drawn(text), [text]);
  const box = `${-QUIET} ${-QUIET} ${size + 2 * QUIET} ${size + 2 * QUIET}`;
  return (
    <svg class="take-picture" viewBox={box} role="img" aria-label={words.picture} shape-rendering="crispEdges">
      <path d={path} />
    </svg>
  );
}
