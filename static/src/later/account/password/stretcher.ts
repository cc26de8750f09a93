/** The worker that makes a key of a password, so that the page stays as quick as it is. It answers with the key, or with null. */
import init, { key } from "../../../generated/password.js";
import wasm from "../../../generated/password_bg.wasm?url";

export type Order = [password: Uint8Array, salt: Uint8Array, memory: number, passes: number];

onmessage = ({ data: order }: MessageEvent<Order>) => {
  init({ module_or_path: fetch(wasm) })
    .then(() => key(...order) ?? null)
    .catch(() => null)
    .then(postMessage, () => undefined);
};
