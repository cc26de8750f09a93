/** Calls about passkeys. */
import { request, requestJson } from "../../../../api/request.ts";
import type { MadePasskey, Passkey, PasskeyOptions, SignedIn, SignedPasskey } from "../../../../api/types.ts";
import { ask } from "../calls.ts";

type ToCreate = Required<Pick<PasskeyOptions, "create">>;
type ToGet = Required<Pick<PasskeyOptions, "get" | "expires_in">>;

/** `userName`: what the device shows of the account; without it the server makes a name. */
export async function optionsToRegister(userName: string, signal: AbortSignal) {
  const wish = { purpose: "register", ...(userName && { user_name: userName }) };
  return (await ask<ToCreate>("/auth/passkeys/options", wish, null, signal)).create;
}

/** With how long their answer is good, in milliseconds. */
export async function optionsToSignIn(signal: AbortSignal) {
  const { get, expires_in } = await ask<ToGet>("/auth/passkeys/options", { purpose: "login" }, null, signal);
  return { get, life: expires_in * 1000 };
}

export async function optionsToAdd(signal: AbortSignal) {
  const call = { method: "POST", body: { purpose: "add" }, signal } as const;
  return (await requestJson<ToCreate>("/auth/passkeys/options", call)).create;
}

export function register(
  credential: MadePasskey,
  name: string,
  guest: string | null,
  signal: AbortSignal,
): Promise<SignedIn> {
  return ask("/auth/passkeys/register", { credential, name }, guest, signal);
}

export function logIn(credential: SignedPasskey, guest: string | null, signal: AbortSignal): Promise<SignedIn> {
  return ask("/auth/passkeys/login", { credential }, guest, signal);
}

export async function listPasskeys(): Promise<Passkey[]> {
  return (await requestJson<{ passkeys: Passkey[] }>("/me/passkeys")).passkeys;
}

export function addPasskey(credential: MadePasskey, name: string): Promise<Passkey> {
  return requestJson("/me/passkeys", { method: "POST", body: { credential, name } });
}

export function renamePasskey(id: string, name: string): Promise<Passkey> {
  return requestJson(one(id), { method: "PATCH", body: { name } });
}

export function removePasskey(id: string): Promise<unknown> {
  return request(one(id), { method: "DELETE" });
}

const one = (id: string) => `/me/passkeys/${encodeURIComponent(id)}`;
