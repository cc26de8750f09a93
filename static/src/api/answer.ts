/** Reads the stream of an answer: the model's chunks as text, and how it ended. */
import { eventReader } from "./events.ts";
import { Problem } from "./problem.ts";

/** A stream that is silent for this long is dead: models pause for less, and a resumed stream has a sign of life every ten seconds. */
const LONGEST_SILENCE_MS = 90_000;

/** Why a model says no more although it has not come to an end. */
const EARLY = { length: "truncated", content_filter: "filtered" } as const;

/**
 * How a stream ended. `done`: by `[DONE]`, and `early` says that the model was made to end. `cut`: without a word, so it is broken off; if it
 * was so in good order, the server may have had no more to say. Not `isSaved`: the answer is whole, but the server has not been able to store it yet.
 */
export type AnswerEnd =
  | { kind: "done"; isSaved: boolean; early?: "truncated" | "filtered" }
  | { kind: "cut"; inOrder: boolean }
  | { kind: "error"; problem: Problem };

/** Calls `onText` with each piece of the answer, and its event's id if it has one. Returns when the stream is over. Never throws but for an abort. */
export async function readAnswer(
  body: ReadableStream<Uint8Array>,
  onText: (text: string, event: string | undefined) => void,
  signal: AbortSignal,
): Promise<AnswerEnd> {
  let end: AnswerEnd | undefined;
  let early: "truncated" | "filtered" | undefined;
  const done = (isSaved: boolean): AnswerEnd => ({ kind: "done", isSaved, ...(early && { early }) });
  const read = eventReader(({ id, event, data }) => {
    if (event === "error") readError(Problem.fromEvent(data));
    else if (end) return;
    else if (data === "[DONE]") end = done(true);
    else readChunk(data, id);
  });
  const readError = (problem: Problem) => {
    if (problem.code !== "not_saved") end ??= { kind: "error", problem };
    // The end of an answer that broke off may not be stored either.
    else end = end?.kind === "done" ? done(false) : { kind: "cut", inOrder: true };
  };
  const readChunk = (data: string, id: string | undefined) => {
    const chunk = parseChunk(data);
    if (!chunk) return;
    // The model's own words, in its own codes: nothing for visitors.
    if (chunk.error) {
      end = { kind: "error", problem: new Problem({ code: "provider_error" }) };
      return;
    }
    // The usage chunk has an empty `choices`.
    const choice = chunk.choices?.[0];
    const reason = choice?.finish_reason;
    if (reason === "length" || reason === "content_filter") early = EARLY[reason];
    const text = choice?.delta?.content;
    if (typeof text === "string" && text !== "") onText(text, id);
  };

  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const silence = setTimeout(() => void reader.cancel(), LONGEST_SILENCE_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) break;
      read(decoder.decode(value, { stream: true }));
    }
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return end ?? { kind: "cut", inOrder: false };
  }
  return end ?? { kind: "cut", inOrder: true };
}

interface Chunk {
  choices?: { delta?: { content?: string | null }; finish_reason?: string | null }[];
  error?: unknown;
}

function parseChunk(data: string): Chunk | null {
  try {
    return JSON.parse(data) as Chunk | null;
  } catch {
    return null;
  }
}
