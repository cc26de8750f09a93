/** How a turn is submitted, and who hears of it. */

/** Told which session a turn belongs to as soon as the server has said so, and whether it has accepted the turn. */
export type OnSession = (sessionId: string, isAccepted: boolean) => void;

export interface Way {
  /** The key that the turn has had while it waited. */
  key?: string;
  /** Whether the page submits it by itself. */
  isByPage?: boolean;
}
