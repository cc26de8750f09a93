/** The list comes to its end whatever happens to its pages meanwhile, with each session once. */
import { describe, expect, test } from "vitest";
import type { Session, SessionPage } from "../api/types.ts";
import { join, pageAfter, sorted } from "./sessionPages.ts";

const PER_PAGE = 5;

/** The higher the number, the newer. */
function session(number: number): Session {
  const time = new Date(1_700_000_000_000 + number * 1000).toISOString();
  return { id: `s${String(number).padStart(3, "0")}`, title: null, created_at: time, updated_at: time };
}

/** A server with the sessions 1 to `count`. */
function serverOf(count: number) {
  let all = Array.from({ length: count }, (_, at) => session(count - at));
  return {
    get ids() {
      return all.map(({ id }) => id);
    },
    delete: (...numbers: number[]) => (all = all.filter(({ id }) => !numbers.some((one) => session(one).id === id))),
    add: (number: number) => (all = sorted([session(number), ...all])),
    pin: (pinned: boolean, ...numbers: number[]) => {
      const ids = numbers.map((number) => session(number).id);
      all = sorted(all.map((one) => (ids.includes(one.id) ? { ...one, pinned } : one)));
    },
    page: (page: number): SessionPage => ({
      sessions: all.slice((page - 1) * PER_PAGE, page * PER_PAGE),
      total: all.length,
      page,
      total_pages: Math.ceil(all.length / PER_PAGE),
    }),
  };
}

interface List {
  rows: Session[];
  total: number | null;
}
const NONE: List = { rows: [], total: null };

/** Reads as the page does: the page after what is there, and those before it that do not join. */
function readOn(server: ReturnType<typeof serverOf>, { rows, total }: List): List {
  let page: number | null = pageAfter(rows.length, PER_PAGE);
  while (page !== null) {
    const answer = server.page(page);
    const joined = join(rows, answer, PER_PAGE, total, () => true);
    rows = joined.rows;
    total = answer.total;
    page = joined.missing;
  }
  return { rows, total };
}

function readAll(server: ReturnType<typeof serverOf>, list = NONE): string[] {
  for (let times = 0; times < 20; times += 1) list = readOn(server, list);
  return list.rows.map(({ id }) => id);
}

describe("pages joined to a list", () => {
  test("are all there is, in order", () => {
    const server = serverOf(23);
    expect(readAll(server)).toEqual(server.ids);
  });

  test("leave nothing out after deletions made here", () => {
    const server = serverOf(23);
    const { rows } = readOn(server, readOn(server, NONE));
    server.delete(23, 22, 19);
    const left = rows.filter(({ id }) => server.ids.includes(id));
    expect(readAll(server, { rows: left, total: 20 })).toEqual(server.ids);
  });

  test("leave nothing out, and keep nothing, after deletions made elsewhere", () => {
    for (const gone of [[23], [23, 22, 21], [20, 19, 18, 17, 16], [3, 2, 1], [23, 18, 13, 8, 3]]) {
      const server = serverOf(23);
      const list = readOn(server, readOn(server, NONE));
      server.delete(...gone);
      expect(readAll(server, list), gone.join()).toEqual(server.ids);
    }
  });

  test("take in what has come to the top elsewhere", () => {
    const server = serverOf(23);
    const list = readOn(server, readOn(server, NONE));
    for (const number of [24, 25, 26, 27, 28, 29, 30]) server.add(number);
    expect(readAll(server, list)).toEqual(server.ids);
  });

  test("go on behind what is pinned, also where that is more than a page", () => {
    for (const pinned of [[1], [3, 20], [1, 2, 3, 4, 5], [1, 4, 9, 16, 17, 18, 23]]) {
      const server = serverOf(23);
      server.pin(true, ...pinned);
      expect(readAll(server), pinned.join()).toEqual(server.ids);
      expect(server.ids.slice(0, pinned.length)).toEqual(pinned.map((number) => session(number).id).reverse());
    }
  });

  test("take in what is pinned, or is no longer, elsewhere", () => {
    const server = serverOf(23);
    server.pin(true, 2, 9);
    const list = readOn(server, readOn(server, NONE));
    server.pin(false, 9);
    server.pin(true, 1, 12, 22);
    expect(readAll(server, list)).toEqual(server.ids);
  });

  test("say nothing of what has changed here since", () => {
    const server = serverOf(4);
    const created = session(9);
    const rows = join(
      [created, ...serverOf(4).page(1).sessions],
      server.page(1),
      PER_PAGE,
      null,
      (id) => id !== created.id,
    ).rows;
    expect(rows.map(({ id }) => id)).toEqual([created.id, ...server.ids]);
    const renamed = { ...session(4), title: "renamed here" };
    const after = join([renamed], server.page(1), PER_PAGE, null, (id) => id !== renamed.id).rows;
    expect(after.at(0)?.title).toBe("renamed here");
    expect(after).toHaveLength(4);
  });

  test("do not bring back what was deleted here", () => {
    const server = serverOf(4);
    expect(join([], server.page(1), PER_PAGE, null, (id) => id !== "s003").rows.map(({ id }) => id)).toEqual([
      "s004",
      "s002",
      "s001",
    ]);
  });
});
