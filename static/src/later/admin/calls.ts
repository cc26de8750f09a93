/** Calls that only an operator may make. */
import { request, requestJson } from "../../api/request.ts";
import type { Overview, Person } from "./shapes.ts";
import type { Span } from "./span.ts";

export function readOverview({ from, to }: Span, signal: AbortSignal): Promise<Overview> {
  return requestJson(`/admin/overview?${new URLSearchParams({ from, to })}`, { signal });
}

const pathOf = (user: string) => `/admin/users/${encodeURIComponent(user)}`;

export function readPerson(user: string): Promise<Person> {
  return requestJson(pathOf(user));
}

/** `until`: RFC 3339. */
export function blockPerson(user: string, until: string): Promise<unknown> {
  return request(`${pathOf(user)}/block`, { method: "POST", body: { until } });
}

export function unblockPerson(user: string): Promise<unknown> {
  return request(`${pathOf(user)}/block`, { method: "DELETE" });
}

/** `DELETE` lets it in again. */
export function blockAddress(address: string, method: "POST" | "DELETE"): Promise<unknown> {
  return request("/admin/addresses/block", { method, body: { address } });
}
