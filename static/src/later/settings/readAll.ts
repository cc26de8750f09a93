/** Reads the list of chats to its end, in as few calls as there can be. */
import { hasMore, listState, readFirstPage, readNextPage } from "../../state/sessions.ts";
import { inTurn } from "../copied/inTurn.ts";

/** Chats of a page: the API's limit. */
const MOST = 100;

/** What is not listed cannot be deleted, or brought back. Where a minute has no more calls, it waits for the next one; `halt` ends it with its reason. */
export async function readAll(halt: AbortSignal): Promise<void> {
  await inTurn(readFirstPage, halt);
  for (;;) {
    halt.throwIfAborted();
    // The list reads for itself, too: as one scrolls, or comes back to the page.
    await whenRead();
    if (listState.peek() === "read" && !hasMore.peek()) return;
    await inTurn(() => readNextPage(MOST), halt);
  }
}

function whenRead(): Promise<void> {
  return new Promise((resolve) => {
    const stop = listState.subscribe((state) => {
      if (state === "reading") return;
      resolve();
      queueMicrotask(() => stop());
    });
  });
}
