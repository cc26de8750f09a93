/** Calls about API keys. */
import { request, requestJson } from "../../../../api/request.ts";
import type { ApiKey, MadeApiKey } from "../../../../api/types.ts";

/** Where programs find OpenAI's API. */
export const ADDRESS = `${location.origin}/v1`;

export async function listKeys(): Promise<ApiKey[]> {
  return (await requestJson<{ keys: ApiKey[] }>("/me/keys")).keys;
}

/** `days`: after which it ends; 0: it does not. */
export function makeKey(name: string, days: number): Promise<MadeApiKey> {
  return requestJson("/me/keys", { method: "POST", body: { name, ...(days > 0 && { expires_in_days: days }) } });
}

export function revokeKey(id: string): Promise<unknown> {
  return request(`/me/keys/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** The model that programs may ask first. */
export async function firstModel(): Promise<string> {
  const { data } = await requestJson<{ data: { id: string }[] }>("/openai/models");
  return data[0]?.id ?? "";
}
