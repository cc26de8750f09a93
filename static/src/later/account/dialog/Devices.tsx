/** What one is signed in on. Each can be signed out from here. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { serverNow } from "../../../api/serverClock.ts";
import type { Device } from "../../../api/types.ts";
import type { Wording } from "../wording.ts";
import { deviceName } from "./browsers.ts";
import { endDevice, listDevices } from "./calls.ts";
import { explainHere } from "./explain.ts";
import { words } from "./strings.ts";
import { useTask } from "./task.ts";

export function Devices({ wording, onSignOut }: { wording: Wording; onSignOut: () => void }) {
  const devices = useSignal<Device[] | null>(null);
  const said = useSignal("");
  const heading = useRef<HTMLHeadingElement>(null);
  const { isBusy, problem, run } = useTask();
  const read = () => run(async () => void (devices.value = await listDevices()));
  useEffect(read, []);
  const end = ({ id, user_agent }: Device) =>
    run(async () => {
      await endDevice(id);
      // Its button goes with it.
      heading.current?.focus();
      devices.value = devices.value?.filter((other) => other.id !== id) ?? null;
      said.value = words.deviceEnded(deviceName(user_agent));
    });
  return (
    <section aria-labelledby="account-devices">
      <h3 id="account-devices" ref={heading} tabIndex={-1}>
        {words.devices}
      </h3>
      <p class="account-problem trouble" role="alert">
        {problem.value && explainHere(problem.value, wording)}
      </p>
      {!devices.value && isBusy.value && <p class="hint">{words.loading}</p>}
      {!devices.value && problem.value && <button onClick={read}>{words.tryAgain}</button>}
      <ul class="account-list">
        {devices.value?.map((device) => (
          <li key={device.id}>
            <span>
              <bdi title={device.user_agent}>{deviceName(device.user_agent)}</bdi>
              <small class="hint">
                {device.current ? `${words.thisDevice}, ${words.usedNow}` : lastUsed(device, wording)}
              </small>
            </span>
            <button
              aria-label={words.endThatDevice(device.current ? words.thisDevice : deviceName(device.user_agent))}
              aria-disabled={isBusy.value}
              onClick={() => (device.current ? onSignOut() : end(device))}
            >
              {words.endDevice}
            </button>
          </li>
        ))}
      </ul>
      <p class="unseen" role="status">
        {said}
      </p>
    </section>
  );
}

function lastUsed({ used_at }: Device, { relativeTime }: Wording): string {
  return words.used(relativeTime(Math.min(0, Date.parse(used_at) - serverNow())));
}
