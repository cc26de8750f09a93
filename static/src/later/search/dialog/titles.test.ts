/** Which chats are found by their titles. */
import { expect, test } from "vitest";
import { titlesWith } from "./titles.ts";

test("no more titles are looked at than are shown", () => {
  let looked = 0;
  const sessions = Array.from({ length: 100 }, (_, at) => ({
    id: `${at}`,
    created_at: "",
    updated_at: "",
    get title() {
      looked += 1;
      return at % 2 === 0 ? `Chat ${at}` : "Other";
    },
  }));
  const found = titlesWith(sessions, "chat", null);
  expect(found.map(({ session }) => session.id)).toEqual(["0", "2", "4", "6", "8", "10"]);
  expect(looked).toBe(11);
});
