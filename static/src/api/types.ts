/** The shapes of the HTTP contract that the page uses, under the page's own names. */

export type Role = "user" | "assistant" | "system";
export type MessageStatus = "complete" | "streaming" | "stopped" | "interrupted" | "failed";

export interface User {
  id: string;
  role: "guest" | "user" | "admin";
}

export interface GuestToken {
  token: string;
  token_type: string;
  /** Seconds. */
  expires_in: number;
  user: User;
}

export interface Session {
  id: string;
  title: string | null;
  created_at: string;
  updated_at: string;
}

export interface SessionPage {
  sessions: Session[];
  total: number;
  page: number;
  total_pages: number;
}

export interface Message {
  id: string;
  session_id: string;
  parent_id: string | null;
  role: Role;
  content: string;
  status: MessageStatus;
  model: string | null;
  token_count: number | null;
  created_at: string;
}

export interface MessagePage {
  session: Session;
  messages: Message[];
  next_before: string | null;
}

export interface QuotaWindow {
  limit: number | null;
  used: number;
  remaining: number | null;
  reset_at: string;
}

export interface Quota {
  minute: QuotaWindow;
  day: QuotaWindow;
}

/** The body of every answer that is not a success. */
export interface ErrorBody {
  error: {
    code: string;
    message: string;
    request_id?: string;
    field?: string;
    limit?: number | string;
    retry_after?: number;
    reset_at?: string;
  };
}
