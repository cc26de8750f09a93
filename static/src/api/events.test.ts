/** Our reader of events finds what a well-known one finds, wherever a stream is cut. */
import { createParser } from "eventsource-parser";
import { expect, test } from "vitest";
import { type ServerEvent, eventReader } from "./events.ts";

const STREAM = [
  ": a comment\n\n",
  "id: 1\ndata: plain\n\n",
  "data:no space\ndata:  two spaces\ndata\n\n",
  "event: error\r\ndata: with: colons\r\nid: 2\r\n\r\n",
  "event: nameless\n\n",
  "retry: 10\nunknown: x\ndata: after\n\n",
  "data\n\n",
  "data: {}\rid: 3\r\rdata: by CR alone\r\r",
  "data: unfinished",
].join("");

function pieces(cuts: number[]): string[] {
  return [...cuts, STREAM.length].map((cut, at) => STREAM.slice(cuts[at - 1] ?? 0, cut));
}

function ours(texts: string[]): ServerEvent[] {
  const found: ServerEvent[] = [];
  texts.forEach(eventReader((event) => found.push(event)));
  return found;
}

function theirs(): ServerEvent[] {
  const found: ServerEvent[] = [];
  createParser({ onEvent: ({ event = "", data, id }) => found.push({ event, data, id }) }).feed(STREAM);
  return found;
}

test("cut in two, in three, and into characters", () => {
  const whole = theirs();
  expect(whole).toHaveLength(7);
  for (let first = 0; first <= STREAM.length; first += 1)
    for (let second = first; second <= STREAM.length; second += 7) expect(ours(pieces([first, second]))).toEqual(whole);
  expect(ours(Array.from(STREAM))).toEqual(whole);
});
