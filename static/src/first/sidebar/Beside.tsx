/** The ways from here to another device, to an account, to the settings, and to what was said once. They are loaded once the browser is idle: the page works without. */
import { signal } from "@preact/signals";
import { lazily } from "../../browser/lazily.ts";
import { whenIdle } from "../../browser/whenIdle.ts";
import { acts, loadActs } from "../acts.ts";
import { enterSends } from "../composer/isSendKey.ts";
import { showShortcuts } from "../shortcuts.ts";
import { duration, explain, relativeTime } from "../wording.ts";
import { page } from "./SessionRow.tsx";
import { isFolded } from "./useDrawer.ts";

const loaded = signal<Partial<typeof import("../../later/aside/Aside.tsx")>>({});
const wording = { explain, relativeTime, duration };
const settings = { page, enterSends, isFolded, showShortcuts, acts, loadActs };

whenIdle(() => {
  lazily(() => import("../../later/aside/Aside.tsx")).then(
    (module) => (loaded.value = module),
    () => undefined,
  );
});

export function Beside() {
  const { Aside } = loaded.value;
  return Aside && <Aside wording={wording} settings={settings} />;
}

/** Above the list. `onOpen` is called when a chat was opened by it. */
export function Search({ onOpen }: { onOpen: () => void }) {
  const { SearchEntry } = loaded.value;
  return SearchEntry && <SearchEntry wording={wording} onOpen={onOpen} />;
}
