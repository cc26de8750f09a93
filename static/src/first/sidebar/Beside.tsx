/** The ways from here to another device, to an account, to the settings, and to what was said once. They are loaded once the browser is idle: the page works without. */
import { signal } from "@preact/signals";
import { lazily } from "../../browser/lazily.ts";
import { whenIdle } from "../../browser/whenIdle.ts";
import { sessions } from "../../state/sessions.ts";
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

/** Above a list of ten chats or more. Its room is kept until it comes: no chat moves under a pointer then. `onOpen`: a chat was opened by it. */
export function Search({ onOpen }: { onOpen: () => void }) {
  const { SearchEntry } = loaded.value;
  if (SearchEntry) return <SearchEntry wording={wording} onOpen={onOpen} />;
  return (
    sessions.value[9] && (
      <button class="account-entry" inert>
        {"\u00a0"}
      </button>
    )
  );
}
