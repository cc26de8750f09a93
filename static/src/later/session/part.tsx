/** Parts that are loaded when they are first shown, and that only some browsers can have. Nothing stands in their place until then. */
import { signal } from "@preact/signals";
import type { FunctionComponent } from "preact";
import { lazily } from "../../browser/lazily.ts";

export function part<P extends object>(
  isPossible: () => boolean,
  load: () => Promise<FunctionComponent<P>>,
): FunctionComponent<P> {
  const loaded = signal<{ Part: FunctionComponent<P> } | null>(null);
  let isAskedFor = false;
  return (props) => {
    if (!isAskedFor && isPossible()) {
      isAskedFor = true;
      lazily(load).then(
        (Part) => (loaded.value = { Part }),
        // Whoever shows it next asks again.
        () => (isAskedFor = false),
      );
    }
    const { Part } = loaded.value ?? {};
    return Part ? <Part {...props} /> : null;
  };
}
