/**
 * Prints a chat, all of the branch on screen: it is opened, what comes before is read, and the printer waits for what is decorated after a text is
 * there, such as code and formulas.
 */
import { effect } from "@preact/signals";
import { Problem } from "../../api/problem.ts";
import { lazily } from "../../browser/lazily.ts";
import type { Conversation } from "../../state/conversation/conversation.ts";
import { current, show } from "../../state/conversations.ts";
import { open } from "../../state/route.ts";
import { inTurn } from "../copied/inTurn.ts";

/** Opens the chat and reads it to its beginning. What is read stays in the page, so another try goes on from there. */
export async function readOnScreen(id: string, onCount: (messages: number) => void, halt: AbortSignal): Promise<void> {
  open(id);
  const conversation = current.peek();
  if (conversation.thread.reading.peek() === "failed") void show(conversation);
  await opened(conversation, halt);
  const { thread } = conversation;
  while (thread.earlier.peek() !== null) {
    onCount(thread.all.length);
    await Promise.race([inTurn(() => thread.readEarlier(() => undefined), halt), halted(halt)]);
  }
  onCount(thread.all.length);
}

/** The printer does not wait longer than this for a text to be rendered, in milliseconds: one that cannot be is printed as it was written. */
const LONGEST_WAIT = 10_000;

/** Has everything shown as it is when printed, and undoes that if it is halted. */
export async function layOut(halt: AbortSignal): Promise<void> {
  // The page lays itself out when it hears this from the browser, which would not wait for what takes longer.
  dispatchEvent(new Event("beforeprint"));
  try {
    const { decorated } = await lazily(() => import("../markdown/markdown.ts"));
    const latest = performance.now() + LONGEST_WAIT;
    // Messages are rendered between two frames, and ask for their decorations then.
    do await Promise.race([frame().then(decorated), halted(halt)]);
    while (document.querySelector(".prose.plain") && performance.now() < latest);
    await Promise.race([document.fonts.ready, halted(halt)]);
  } catch (thrown) {
    dispatchEvent(new Event("afterprint"));
    throw thrown;
  }
}

/** Prints what is laid out. `title` is what the browser proposes for a file; `note` is put below the chat. */
export function printOut(title: string, note: string): void {
  const before = document.title;
  const line = document.createElement("p");
  line.className = "on-paper";
  line.textContent = note;
  document.body.append(line);
  document.title = title;
  addEventListener(
    "afterprint",
    () => {
      line.remove();
      // Unless the page has another one by now.
      if (document.title === title) document.title = before;
    },
    { once: true },
  );
  print();
}

/** Waits until the newest messages are there. */
function opened({ thread, problem }: Conversation, halt: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = effect(() => {
      const { value } = thread.reading;
      if (value === "read") resolve();
      else if (value === "missing") reject(new Problem({ code: "session_not_found" }));
      else if (value === "failed") reject(problem.peek() ?? new Problem({ code: "offline" }));
      else return;
      queueMicrotask(() => stop());
    });
    halt.addEventListener("abort", () => {
      stop();
      reject(halt.reason as Error);
    });
  });
}

const frame = () => new Promise(requestAnimationFrame);

function halted(halt: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(halt.reason as Error);
    if (halt.aborted) fail();
    else halt.addEventListener("abort", fail, { once: true });
  });
}
