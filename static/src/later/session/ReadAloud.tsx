/** The way to have an answer read out, where the browser has a voice: loaded when the first answer is shown that could be. */
import { signal } from "@preact/signals";
import { lazily } from "../../browser/lazily.ts";

const loaded = signal<typeof import("../aloud/ReadAloud.tsx").ReadAloud | null>(null);
let isAskedFor = false;

/** `id`: of the answer. */
export function ReadAloud({ id }: { id: string }) {
  if (!isAskedFor && "speechSynthesis" in window) {
    isAskedFor = true;
    lazily(() => import("../aloud/ReadAloud.tsx")).then(
      (module) => (loaded.value = module.ReadAloud),
      // The next answer asks again.
      () => (isAskedFor = false),
    );
  }
  const Loaded = loaded.value;
  return Loaded && <Loaded id={id} />;
}
