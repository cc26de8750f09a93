/** All that the visitor has, as one file: the server gives it in parts, each of which says where it goes on. */
import { Problem } from "../../../api/problem.ts";
import { serverNow } from "../../../api/serverClock.ts";
import { pause } from "../../../browser/pause.ts";
import { exportLines } from "./calls.ts";

/** How long one part may have to wait for its turn, in milliseconds: what reads the stores is limited by the minute. */
const LONGEST_WAIT = 90_000;

interface Line {
  type?: string;
  after?: string;
}

/** The lines of all parts, and how many chats are in them. `onPart` hears that number as it grows. */
export async function readAll(
  onPart: (chats: number) => void,
  halt: AbortSignal,
): Promise<{ lines: string[]; chats: number }> {
  const lines: string[] = [];
  let chats = 0;
  for (let after = ""; ;) {
    const part = await inTurn(() => exportLines(after, halt), halt);
    const last = part.pop() ?? "";
    const { type, after: next = "" } = parsed(last);
    lines.push(...part);
    chats += part.filter((line) => parsed(line).type === "session").length;
    onPart(chats);
    if (type === "end") return { lines: [...lines, last], chats };
    // Without either of them it has broken off.
    if (type !== "next" || next === "" || next === after) throw new Problem({ code: "unreadable" });
    after = next;
  }
}

/** Asks again when the minute's limit says so. */
async function inTurn<T>(ask: () => Promise<T>, halt: AbortSignal): Promise<T> {
  for (const latest = serverNow() + LONGEST_WAIT; ;) {
    try {
      return await ask();
    } catch (thrown) {
      const { code, retryAt } = Problem.from(thrown);
      if (code !== "rate_limited" || retryAt === undefined || retryAt > latest) throw thrown;
      await pause(retryAt - serverNow(), halt);
    }
  }
}

function parsed(line: string): Line {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return {};
  }
}

/** Has the browser save `lines` under this name. */
export function save(lines: string[], name: string): void {
  const url = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "application/x-ndjson" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Once the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
