/** Calls about providers: the way there, what has come of it, and what one is known by. */
import { request, requestJson } from "../../../../api/request.ts";
import type { Identity, SignedIn } from "../../../../api/types.ts";
import { addressOf, openSessionId } from "../../../../state/route.ts";
import { store } from "../../../../state/storage.ts";
import type { Trip } from "../../entry/trip.ts";
import { ask } from "../calls.ts";

/** How long the browser has to leave, in milliseconds. Who presses its Stop stays, and nothing tells so. */
const LEAVING_MS = 10_000;

/** Sends this tab to a provider. It is over when the visitor has come back by the browser's Back to the page as it was, or has never left it. */
export async function leaveFor(provider: string, purpose: Trip["purpose"], signal: AbortSignal): Promise<void> {
  const pageKey = crypto.randomUUID();
  const body = { purpose, page_key: pageKey };
  const path = `/auth/${provider}/start`;
  const { url } =
    purpose === "add"
      ? await requestJson<{ url: string }>(path, { method: "POST", body, signal })
      : await ask<{ url: string }>(path, body, null, signal);
  const trip: Trip = { provider, purpose, pageKey, path: addressOf(openSessionId.peek()) };
  // `entry/trip.ts` finds it there.
  store("trip", JSON.stringify(trip), "tab");
  location.assign(url);
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), LEAVING_MS);
  await new Promise((resolve) => {
    over.signal.addEventListener("abort", resolve);
    addEventListener("pageshow", resolve, { signal: over.signal });
    signal.addEventListener("abort", resolve, { signal: over.signal });
  });
  clearTimeout(timer);
  over.abort();
}

/** Comes in as whom the provider has vouched for. */
export function finish({ provider, pageKey }: Trip, guest: string | null, signal: AbortSignal): Promise<SignedIn> {
  return ask(`/auth/${provider}/finish`, { page_key: pageKey }, guest, signal);
}

/** Adds whom the provider has vouched for. */
export function addIdentity({ pageKey }: Trip, signal: AbortSignal): Promise<unknown> {
  return request("/me/identities", { method: "POST", body: { page_key: pageKey }, signal });
}

export async function listIdentities(): Promise<Identity[]> {
  return (await requestJson<{ identities: Identity[] }>("/me/identities")).identities;
}

export function removeIdentity(id: string): Promise<unknown> {
  return request(`/me/identities/${encodeURIComponent(id)}`, { method: "DELETE" });
}
