/** The name under which `what` of a session is kept in this browser or tab; null: of the new chat. */
export function storageKey(what: string, sessionId: string | null): string {
  return `${what}.${sessionId ?? "new"}`;
}
