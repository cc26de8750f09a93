/** What a token of ours says about itself. The server alone knows whether that is true; the page only reads along. */
export interface Claims {
  /** Whose it is. */
  sub?: string;
  role?: string;
  /** The device of an account that it was given to; a guest's has none. */
  sid?: string;
  /** The guest whom the account has claimed within a day. */
  was?: string;
  /** When it ends, in seconds since the epoch by the server's clock. */
  exp?: number;
}

/** The claims in `token`; nothing where there is none, or where it is not readable. */
export function claimsOf(token: string | null): Claims {
  try {
    const payload = token?.split(".")[1] ?? "";
    return JSON.parse(atob(payload.replace(/-/g, "+").replace(/_/g, "/"))) as Claims;
  } catch {
    return {};
  }
}
