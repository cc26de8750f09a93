/** A list of rows, one after the other, each of which can be removed, and one more can be added. */
import type { ComponentChild } from "preact";
import { useRef } from "preact/hooks";

interface Props<T> {
  legend: string;
  rows: readonly T[];
  most: number;
  fresh: T;
  row: (one: T, number: number, change: (next: T) => void) => ComponentChild;
  remove: (number: number) => string;
  add: string;
  onRows: (rows: T[]) => void;
}

export function Rows<T>({ legend, rows, most, fresh, row, remove, add, onRows }: Props<T>) {
  const group = useRef<HTMLFieldSetElement>(null);
  /** Once it is drawn: into the row that is new, or to what adds one where one has gone. */
  const focus = (selector: string) =>
    requestAnimationFrame(() => group.current?.querySelector<HTMLElement>(selector)?.focus());
  return (
    <fieldset class="context-rows" ref={group}>
      <legend>{legend}</legend>
      <ul>
        {rows.map((one, at) => (
          <li key={at}>
            {row(one, at + 1, (next) => onRows(rows.map((other, place) => (place === at ? next : other))))}
            <button
              type="button"
              class="quiet"
              aria-label={remove(at + 1)}
              title={remove(at + 1)}
              onClick={() => {
                onRows(rows.filter((_, place) => place !== at));
                focus(".context-add");
              }}
            >
              <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
                <path d="M5 5l10 10M15 5L5 15" />
              </svg>
            </button>
          </li>
        ))}
      </ul>
      <button
        type="button"
        class="context-add"
        disabled={rows.length >= most}
        onClick={() => {
          onRows([...rows, fresh]);
          focus("li:last-child input");
        }}
      >
        {add}
      </button>
    </fieldset>
  );
}
