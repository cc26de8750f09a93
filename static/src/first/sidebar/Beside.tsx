/** The ways from here to another device and to an account. They are loaded once the browser is idle: the page works without. */
import { signal } from "@preact/signals";
import { lazily } from "../../browser/lazily.ts";
import { whenIdle } from "../../browser/whenIdle.ts";
import type { Aside } from "../../later/aside/Aside.tsx";
import { duration, explain, relativeTime } from "../wording.ts";

const loaded = signal<typeof Aside | null>(null);

whenIdle(() => {
  lazily(() => import("../../later/aside/Aside.tsx")).then(
    (module) => (loaded.value = module.Aside),
    () => undefined,
  );
});

export function Beside() {
  const Aside = loaded.value;
  return Aside && <Aside wording={{ explain, relativeTime, duration }} />;
}
