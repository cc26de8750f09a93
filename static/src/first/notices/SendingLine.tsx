/** Why what was sent takes longer than usual, before the server has accepted it. What it says is said by the live region, too, once. */
import { useEffect } from "preact/hooks";
import { isProving } from "../../api/proof.ts";
import { announce } from "../../state/announcer.ts";
import { now } from "../../state/clock.ts";
import type { Conversation } from "../../state/conversation/conversation.ts";
import { strings } from "../strings.ts";
import { duration } from "../wording.ts";
import { timeLeft } from "./Trouble.tsx";

export function SendingLine({ conversation }: { conversation: Conversation }) {
  const delay = conversation.delay.value;
  const isChecking = delay === null && conversation.phase.value === "sending" && isProving.value;
  useEffect(() => {
    if (isChecking) announce("checking");
  }, [isChecking]);
  useEffect(() => {
    if (delay) announce("crowded", duration((delay.retryAt ?? 0) - now.peek()));
  }, [delay]);
  if (delay) return <p class="sending-line">{strings.crowded(duration(timeLeft(delay)))}</p>;
  return isChecking ? <p class="sending-line">{strings.checking}</p> : null;
}
