/** Makes a key of a password by Argon2id (`static/password`). The password itself never leaves this browser. */
import { Problem } from "../../../api/problem.ts";
import type { Salt } from "../../../api/types.ts";
import { notLoaded } from "../../../browser/lazily.ts";
import { trustedAddress } from "../../../browser/trusted.ts";
import type { Order } from "./stretcher.ts";
import stretcher from "./stretcher.ts?worker&url";

const address = trustedAddress("stretcher", stretcher);

/** The key in base64url, as the server takes it. `halt` ends the work: then it rejects with its reason. */
export async function passwordKey(password: string, salt: Salt, halt: AbortSignal): Promise<string> {
  halt.throwIfAborted();
  const order = orderOf(password, salt);
  const worker = new Worker(address, { type: "module" });
  const ending = new AbortController();
  try {
    const key = await new Promise<Uint8Array | null>((resolve, reject) => {
      halt.addEventListener("abort", () => reject(halt.reason as Error), { signal: ending.signal });
      worker.onmessage = ({ data }: MessageEvent<Uint8Array | null>) => resolve(data);
      worker.onerror = () => {
        void notLoaded(stretcher);
        resolve(null);
      };
      worker.postMessage(order);
    });
    if (!key) throw new Problem({ code: "not_stretched" });
    return base64Url(key);
  } finally {
    // Its memory goes with it, and what was typed.
    worker.terminate();
    ending.abort();
  }
}

/** What the worker is to do; parameters that it does not know are a server's mistake. */
function orderOf(password: string, { salt, params }: Salt): Order {
  const [, memory, passes] = /^argon2id,v=19,m=(\d+),t=(\d+),p=1$/.exec(params) ?? [];
  if (!memory || !passes || !/^([\da-f]{2})+$/.test(salt)) throw new Problem({ code: "unreadable" });
  const bytes = Uint8Array.from(salt.match(/../g) ?? [], (byte) => parseInt(byte, 16));
  return [new TextEncoder().encode(password), bytes, Number(memory), Number(passes)];
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}
