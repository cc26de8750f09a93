/** The way to the settings, which are loaded when somebody opens them. */
import { Problem } from "../../api/problem.ts";
import { lazily } from "../../browser/lazily.ts";
import { notify } from "../../state/notices.ts";
import type { Wording } from "../account/wording.ts";
import type { Props as Settings } from "../settings/SettingsSheet.tsx";
import { words } from "./strings.ts";

export type { Settings };

export function SettingsEntry({ wording, settings }: { wording: Wording; settings: Settings }) {
  const show = () =>
    lazily(() => import("../settings/SettingsSheet.tsx")).then(
      (module) => module.show(settings, wording),
      (thrown: unknown) =>
        notify({ kind: "problem", text: `${words.notLoaded} ${wording.explain(Problem.from(thrown))}` }),
    );
  return (
    <button class="account-entry" aria-haspopup="dialog" onClick={() => void show()}>
      <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
        <path d="M3 6h8M15 6h2M3 14h2M9 14h8M13 4v4M7 12v4" />
      </svg>
      {words.settings}
    </button>
  );
}
