/** Says that the page is cut off. Nothing is shown while all is well. */
import { connection } from "../../state/connection.ts";
import { strings } from "../strings.ts";

export function ConnectionMark() {
  const state = connection.value;
  if (state === "online") return null;
  return <span class="connection">{state === "offline" ? strings.isOffline : strings.isUnreachable}</span>;
}
