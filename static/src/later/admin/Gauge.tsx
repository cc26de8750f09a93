/** How much of something is used up, as a bar. The words beside it say the same, so it is a picture for the eye alone. */
import { shareOf } from "./scale.ts";

interface Props {
  used: number;
  /** What comes on top of it for now. */
  held?: number;
  of: number;
}

/** From this share on it is shown as trouble; alerts begin there, too. */
const MUCH = 0.8;

export function Gauge({ used, held = 0, of }: Props) {
  const [share, both] = [shareOf(used, of), shareOf(used + held, of)];
  return (
    <svg
      class={both > MUCH ? "admin-gauge admin-gauge-full" : "admin-gauge"}
      viewBox="0 0 100 8"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect class="admin-gauge-all" width="100" height="8" />
      <rect class="admin-gauge-held" width={100 * both} height="8" />
      <rect class="admin-gauge-used" width={100 * share} height="8" />
    </svg>
  );
}
