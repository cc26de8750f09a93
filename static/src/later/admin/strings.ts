/**
 * The words of the operator's page. They are in English alone, as the log, the codes and the documents are that they are read beside: they are in
 * no language's file, which every visitor of that language would load.
 */
import { told } from "../../text/words.ts";

export const words = told("admin", {
  title: "Figures",
  back: "To the chats",
  span: "Span",
  spans: { day: "24 hours", week: "7 days", month: "31 days" },
  refresh: "Refresh",
  save: "Save as CSV",
  saved: "Saved.",
  reading: "Reading the figures…",
  readUntil: (from: string, to: string) => `${from} to ${to}`,
  notRead: "The figures could not be read.",
  reference: (code: string, id?: string) => (id ? `(${code}, reference ${id})` : `(${code})`),
  nothing: "Nothing in this span.",

  messages: "Messages",
  endings: { completed: "Completed", stopped: "Stopped by their readers", interrupted: "Broken off", failed: "Failed" },
  success: "Success",
  active: "Active users",
  newGuests: "New guests",
  newAccounts: "New accounts",

  waits: "How long it took",
  figure: "Figure",
  ttft: "To the first byte",
  duration: "To the whole answer",

  refusals: "Refusals",
  failures: "Failures",
  code: "Code",
  count: "Count",

  money: "Money",
  model: "Model",
  answers: "Answers",
  promptTokens: "Tokens read",
  completionTokens: "Tokens written",
  cost: "Cost",
  all: "All",
  noBudget: "There is no budget in money.",
  budget: (spent: string, held: string, left: string, all: string) =>
    `${spent} spent, ${held} held for running answers, ${left} left of ${all} a day`,
  resets: (time: string) => `New at ${time}.`,

  feedback: "Thumbs",
  up: "Up",
  down: "Down",

  storage: "Storage",
  stored: (bytes: string, rows: string) => `${bytes} in ${rows} rows`,
  storedOf: (bytes: string, limit: string, share: string, rows: string) =>
    `${bytes} of ${limit} (${share}) in ${rows} rows`,

  breaker: (times: number) => `Breaker, opened ${times === 1 ? "once" : `${times} times`}`,

  hours: "By the hour",
  hoursPicture: (most: string) => `Messages an hour, ${most} at most; the table below has each`,
  waitsPicture: (most: string) => `Wait for the first byte of 95 in 100, ${most} at most; the table below has each`,
  legend: { messages: "Messages", failed: "failed", wait: "First byte, 95 in 100" },
  asTable: "Each hour with messages, as a table",
  hour: "Hour",
  failed: "Failed",
  wait: "First byte, 95 in 100",
  slowest: "Slowest hours",

  busiest: "Busiest users",
  user: "User",
  tokens: "Tokens",
  open: (id: string) => `Look at user ${id}`,
  other: "Another user’s id",
  look: "Look at the user",

  person: "User",
  close: "Close",
  personReading: "Reading…",
  role: "Role",
  kept: "Kept",
  keptOf: (bytes: string, limit: string) => `${bytes} of ${limit}`,
  used: "Used",
  today: "Today",
  month: "30 days",
  blockedUntil: (time: string) => `Shut out until ${time}.`,
  notBlocked: "Not shut out.",
  blockFor: "For",
  pauses: { hour: "an hour", day: "a day", week: "a week" },
  block: "Block",
  unblock: "Unblock",
  blocked: "The user is shut out.",
  unblocked: "The user is let in again.",
  notDone: "It was not done.",

  addresses: "Addresses",
  addressNote: "No message and no new guest from this address, or from its IPv6 /48, is let in until midnight (UTC).",
  address: "Address",
  addressBlocked: (address: string) => `${address} is shut out until midnight.`,
  addressUnblocked: (address: string) => `${address} is let in again.`,
});
