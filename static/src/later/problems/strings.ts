/** What can go wrong, but for what a visitor without a connection is told (`first/strings.ts`). */
import type { ProblemCode } from "../../api/problem.ts";
import type { Scope } from "../../api/types.ts";
import { told } from "../../text/words.ts";

export const words = told("problems", {
  codes: {
    rate_limited: "You are sending faster than allowed. Wait a moment, then try again.",
    challenge_required: "It could not be checked that you are a person. Try again in a moment.",
    too_much_work:
      "To check that you are a person, the server asks more of this device than is right. Try again later.",
    blocked: "Whoever runs this page has shut you or your network out for a time. Your text is kept.",
    budget_exhausted: "This page’s budget for answers is used up for now.",
    overloaded: "Many people are writing right now.",
    storage_full: "Your space for chats is full. Delete chats to make room, then send again.",
    quota_exceeded: "You have used all of your messages for now.",
    message_too_long: "This message is too long. Shorten it and send it again.",
    body_too_large: "This message is too long. Shorten it and send it again.",
    session_not_found: "This chat does not exist any more. Your text is kept: you can send it in a new chat.",
    not_found: "This is not available here.",
    gone: "The chat of this message was deleted. Your text is kept: you can send it in a new chat.",
    context_too_long: "This chat has become too long for the model. Go on in a new one.",
    too_many_sessions: "You have as many chats as can be kept. Delete some of them, then send again.",
    too_many_pinned: "You have pinned as many chats as can be. Unpin one of them first.",
    generation_in_progress: "The last answer is still being written. Wait for it to end, then send again.",
    provider_error: "The model could not answer this time. Try again.",
    provider_rate_limited: "The model is busy at the moment.",
    provider_unavailable: "The model is unavailable at the moment.",
    provider_timeout: "The model took too long to answer. Try again.",
    storage_unavailable: "Your chats cannot be reached at the moment. Try again shortly.",
    misconfigured: "This Edgewise is not set up completely. Its operator finds the reason in the log.",
    internal: "Something went wrong on our side. Try again.",
  } satisfies Partial<Record<ProblemCode, string>>,
  /** Instead of these, where the server says what it counts. */
  scopes: {
    rate_limited: {
      address: "As much has come from your network as one address may send for now.",
      user: "You have sent faster than allowed again and again, so there is a pause.",
    } satisfies Partial<Record<Scope, string>>,
    storage_full: {
      address: "As much was written from your network today as is kept of it in a day.",
      all: "This Edgewise has no space for more at the moment. Your chats can be read, and your text is kept.",
    } satisfies Partial<Record<Scope, string>>,
  },
});
