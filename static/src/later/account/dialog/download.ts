/** All that the visitor has, as one file: the server gives it in parts, each of which says where it goes on. */
import { Problem } from "../../../api/problem.ts";
import { inTurn } from "../../copied/inTurn.ts";
import { exportLines } from "./calls.ts";

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

function parsed(line: string): Line {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return {};
  }
}
