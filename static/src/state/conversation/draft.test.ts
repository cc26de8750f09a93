/** Words that were typed survive reloads and other tabs. */
import { beforeEach, expect, test, vi } from "vitest";

/** A tab: its own modules and its own session storage; what is in the browser is everybody's. */
async function tab(kept: Record<string, string> = {}) {
  let own = new Map(Object.entries(kept));
  const focus = () => {
    sessionStorage.clear();
    for (const [key, value] of own) sessionStorage.setItem(key, value);
  };
  const leave = () => (own = new Map(Object.entries(sessionStorage) as [string, string][]));
  vi.resetModules();
  focus();
  const { draftIn } = await import("./draft.ts");
  const draft = draftIn(null);
  const { text } = draft;
  leave();
  return {
    text,
    adopt: (sessionId: string) => {
      focus();
      draft.adopt(sessionId);
      leave();
    },
    type: (words: string) => {
      focus();
      text.value = words;
      leave();
    },
    reload: () => tab(Object.fromEntries(own)),
  };
}

beforeEach(() => {
  localStorage.clear();
});

test("two tabs do not wipe each other's words", async () => {
  const [one, other] = [await tab(), await tab()];
  one.type("from one");
  other.type("from the other");
  expect((await one.reload()).text.value).toBe("from one");
  expect((await other.reload()).text.value).toBe("from the other");
  // Sent in one: the other's stay.
  one.type("");
  expect((await other.reload()).text.value).toBe("from the other");
  expect((await one.reload()).text.value, "sent is sent").toBe("");
});

test("a tab that is closed leaves its words to the next one", async () => {
  (await tab()).type("unfinished");
  const next = await tab();
  expect(next.text.value).toBe("unfinished");
  next.type("");
  expect((await tab()).text.value).toBe("");
});

test("words that were only seen here go when they are sent where they were typed", async () => {
  const one = await tab();
  one.type("sent there");
  const other = await tab();
  expect(other.text.value).toBe("sent there");
  one.type("");
  dispatchEvent(new StorageEvent("storage", { key: "edgewise.draft.new", newValue: null }));
  expect(other.text.value).toBe("");
  const third = await tab();
  third.type("my own");
  dispatchEvent(new StorageEvent("storage", { key: "edgewise.draft.new", newValue: null }));
  expect(third.text.value).toBe("my own");
});

test("words of a new chat that becomes a session are kept there, and only there", async () => {
  const one = await tab();
  one.type("for the new session");
  one.adopt("s");
  expect(localStorage.getItem("edgewise.draft.s")).toBe("for the new session");
  expect(localStorage.getItem("edgewise.draft.new")).toBeNull();
  expect((await one.reload()).text.value, "the next new chat").toBe("");
  one.type("and more");
  expect(sessionStorage.getItem("edgewise.draft.s")).toBe("and more");
});

test("what another tab has written in the new chat stays there", async () => {
  const [one, other] = [await tab(), await tab()];
  one.type("from one");
  other.type("from the other");
  one.adopt("s");
  expect((await tab()).text.value).toBe("from the other");
});

test("what is attached is no part of the words, and stays when they change", async () => {
  const { draftIn, ATTACHED } = await import("./draft.ts");
  const draft = draftIn("with attachments");
  const block = `${ATTACHED}\n\n\`\`\`text title="a"\n1\n\`\`\``;
  draft.text.value = `Look${block}`;
  expect(draft.words).toBe("Look");
  // A mark that is pasted hides nothing.
  draft.words = `See${ATTACHED} here`;
  expect(draft.text.value).toBe(`See here${block}`);
  expect(draft.clean()).toBe(`See here${block.slice(1)}`);
  expect(draft.words).toBe(draft.text.value);
});
