/** Reads the stream of an answer: the model's chunks as text, and how it ended. */
import { createParser } from "eventsource-parser";
import { Problem } from "./problem.ts";

/** How a stream ended. `cut`: it stopped without a word, so the connection broke. */
export type AnswerEnd = { kind: "done" } | { kind: "cut" } | { kind: "error"; problem: Problem };

/** Calls `onText` with each piece of the answer and returns when the stream is over. Never throws but for an abort. */
export async function readAnswer(
  body: ReadableStream<Uint8Array>,
  onText: (text: string) => void,
  signal: AbortSignal,
): Promise<AnswerEnd> {
  let end: AnswerEnd | undefined;
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (end) return;
      if (event === "error") end = { kind: "error", problem: Problem.fromEvent(data) };
      else if (data === "[DONE]") end = { kind: "done" };
      else readChunk(data);
    },
  });
  const readChunk = (data: string) => {
    const chunk = parseChunk(data);
    if (!chunk) return;
    // The model's own words, in its own codes: nothing for visitors.
    if (chunk.error) end = { kind: "error", problem: new Problem({ code: "provider_error" }) };
    // The usage chunk has an empty `choices`.
    const text = chunk.choices?.[0]?.delta?.content;
    if (text) onText(text);
  };

  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parser.feed(decoder.decode(value, { stream: true }));
    }
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return end ?? { kind: "cut" };
  }
  return end ?? { kind: "cut" };
}

interface Chunk {
  choices?: { delta?: { content?: string | null } }[];
  error?: unknown;
}

function parseChunk(data: string): Chunk | null {
  try {
    return JSON.parse(data) as Chunk | null;
  } catch {
    return null;
  }
}
