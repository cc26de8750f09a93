/** What is done with attachments, as the text of a draft. */
import { effect } from "@preact/signals";
import { expect, test } from "vitest";
import { Conversation } from "../../state/conversation/conversation.ts";
import { draftIn } from "../../state/conversation/draft.ts";
import { attachment } from "./attachment.ts";
import { attach, held, settle, turnToWords } from "./held.ts";

const NOTES = 'Before\n\n```js title="a"\n1\n```';

test("what becomes words stays so, also where blocks stand in it", () => {
  const draft = draftIn("words");
  // The field has not got them yet.
  const stop = effect(() => settle(draft, true));
  attach(draft, [attachment("notes.md", NOTES)]);
  expect(held(draft).attachments).toHaveLength(1);
  turnToWords(draft, 0);
  expect(held(draft)).toEqual({ words: NOTES, attachments: [] });
  stop();
});

test.each(["Fix this:\n", "\n", "Two\n\n", "Why?"])(
  "what is sent leaves the field, and comes back as it was: %j",
  (words) => {
    const conversation = new Conversation(null);
    const { draft } = conversation;
    const stop = effect(() => settle(draft, true));
    draft.words = words;
    attach(draft, [attachment("a.log", "1")]);
    const turn = conversation.takeDraft();
    expect(draft.text.value).toBe("");
    expect(turn).toMatchObject({ do: "send", content: `${words}\n\n\`\`\`text title="a.log"\n1\n\`\`\`` });
    draft.giveBack(turn?.do === "send" ? turn.content : "");
    expect(turn && conversation.isDraftOf(turn)).toBe(true);
    expect(held(draft)).toEqual({ words, attachments: [attachment("a.log", "1")] });
    draft.text.value = "";
    stop();
  },
);
