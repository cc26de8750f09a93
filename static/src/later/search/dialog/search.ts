/**
 * One search: what is looked for, and what was found of it so far. The server lets a visitor look at ten pages a minute, so nothing is asked
 * while somebody types, nor twice, nor where the answer is known.
 */
import { batch, signal } from "@preact/signals";
import { Problem } from "../../../api/problem.ts";
import { serverNow } from "../../../api/serverClock.ts";
import { hasToken } from "../../../api/token.ts";
import type { FoundSession, SearchResult } from "../../../api/types.ts";
import { searchPage } from "./calls.ts";
import { lowered } from "./marking.ts";

/** How long nothing must be typed before it is searched, in milliseconds; longer while an input method may make another word of it. */
const STILL_MS = 400;
const STILL_COMPOSING_MS = 1000;
/** The server's limits, in characters. */
const FEWEST = 2;
export const MOST = 100;
/** A page may be empty and not the last: as many are read in a row, until there is something to show. */
const PAGES = 3;
/** How long a limit that names no time is waited for, in milliseconds. */
const PAUSE_MS = 60_000;

/** What is known of one text. */
interface Known {
  found: readonly FoundSession[];
  next: string | null;
}

export class Search {
  /** What stands in the field. */
  readonly text = signal("");
  readonly phase = signal<"idle" | "asking" | "ended" | "failed">("idle");
  readonly found = signal<readonly FoundSession[]>([]);
  /** Where to go on; null: there is no more. */
  readonly next = signal<string | null>(null);
  readonly problem = signal<Problem | null>(null);

  #wanted: string | null = null;
  /** Answers by what was asked for, without its case. */
  readonly #known = new Map<string, Known>();
  #leave = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Until when the server has refused to search, by its clock, and what it has said. What is known can be shown all the same. */
  #pausedUntil = 0;
  #refusal: Problem | null = null;

  /** The field says something else. */
  type(text: string, isComposing = false): void {
    this.text.value = text;
    const wanted = wantedIn(text);
    if (wanted === this.#wanted && !this.#timer) return;
    this.leave();
    this.#wanted = wanted;
    const known = wanted === null ? { found: [], next: null } : this.#lookUp(wanted);
    batch(() => {
      this.found.value = known?.found ?? [];
      this.next.value = known?.next ?? null;
      this.problem.value = null;
      if (wanted === null) this.phase.value = "idle";
      else this.phase.value = known ? "ended" : "asking";
      if (!known) this.#askIn(isComposing ? STILL_COMPOSING_MS : STILL_MS);
    });
  }

  /** Searches at once what is only about to be searched. */
  now(): void {
    if (this.#timer) this.#askIn(0);
  }

  /** Goes on where it ended or failed. */
  goOn(): void {
    if (this.phase.value === "ended" || this.phase.value === "failed") this.#askIn(0);
  }

  /** Nobody looks at it any more: nothing is asked. */
  leave(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#leave.abort();
  }

  /** Somebody looks at it again: what was answered before may be otherwise by now, but for what is shown. */
  comeBack(): void {
    this.#known.clear();
    if (this.phase.value === "asking" || this.phase.value === "failed") this.#askIn(0);
  }

  /** Forgets what was looked for. */
  clear(): void {
    this.type("");
  }

  #lookUp(wanted: string): Known | undefined {
    if (!hasToken()) return { found: [], next: null };
    const q = lowered(wanted);
    const known = this.#known.get(q);
    if (known) return known;
    // Where a text is nowhere, none that contains it is anywhere.
    for (const [other, { found, next }] of this.#known)
      if (next === null && found.length === 0 && q.includes(other)) return { found, next };
    return undefined;
  }

  #askIn(pause: number): void {
    clearTimeout(this.#timer);
    const refused = this.#pausedUntil - serverNow();
    if (refused > 0)
      batch(() => {
        this.problem.value = this.#refusal;
        this.phase.value = "failed";
      });
    const wait = Math.max(pause, refused);
    if (wait > 0) this.#timer = setTimeout(() => void this.#ask(), wait);
    else void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#timer = undefined;
    const wanted = this.#wanted;
    if (wanted === null) return;
    const { signal: left } = (this.#leave = new AbortController());
    batch(() => {
      this.phase.value = "asking";
      this.problem.value = null;
    });
    const before = count(this.found.value);
    try {
      for (let page = 1; page <= PAGES; page += 1) {
        const answer = await searchPage(wanted, this.next.value, left);
        if (left.aborted) return;
        this.#take(wanted, answer);
        if (answer.next_cursor === null || count(this.found.value) > before) break;
      }
      this.phase.value = "ended";
    } catch (thrown) {
      if (!left.aborted) this.#fail(Problem.from(thrown));
    }
  }

  #take(wanted: string, { sessions, next_cursor }: SearchResult): void {
    batch(() => {
      this.found.value = joined(this.found.value, sessions);
      this.next.value = next_cursor;
    });
    this.#known.set(lowered(wanted), { found: this.found.value, next: next_cursor });
  }

  #fail(problem: Problem): void {
    batch(() => {
      this.problem.value = problem;
      this.phase.value = "failed";
    });
    if (problem.code !== "rate_limited") return;
    this.#refusal = problem;
    this.#pausedUntil = problem.retryAt ?? serverNow() + PAUSE_MS;
    this.#askIn(0);
  }
}

/** What is searched of what was typed; null: it is too short. */
function wantedIn(text: string): string | null {
  const wanted = text.replace(/\p{Cc}/gu, "").trim();
  return Array.from(wanted).length < FEWEST ? null : wanted;
}

/** A long session may stand on two pages. */
function joined(before: readonly FoundSession[], more: readonly FoundSession[]): FoundSession[] {
  const all = new Map(before.map((one) => [one.session.id, one]));
  for (const one of more) {
    const hits = [...(all.get(one.session.id)?.hits ?? []), ...one.hits];
    all.set(one.session.id, { ...one, hits });
  }
  return [...all.values()];
}

function count(found: readonly FoundSession[]): number {
  return found.reduce((total, { hits }) => total + 1 + hits.length, 0);
}
