/** A table under its heading. What is wider than the screen scrolls by itself, also by keyboard. */
import type { ComponentChildren } from "preact";
import { words } from "./strings.ts";

interface Props {
  id: string;
  /** Of the columns: the first names the row, the others hold figures. */
  heads: readonly string[];
  /** What stands in them; the last row is the sum where `hasSum`. */
  rows: readonly (readonly ComponentChildren[])[];
  /** The id of the heading that names it. */
  labelledBy: string;
  hasSum?: boolean;
}

export function Table({ id, heads, rows, labelledBy, hasSum = false }: Props) {
  if (rows.length === 0) return <p class="hint">{words.nothing}</p>;
  return (
    <div class="admin-table" id={id} role="group" aria-labelledby={labelledBy} tabIndex={0}>
      <table aria-labelledby={labelledBy}>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, ...figures], at) => (
            <tr key={at} class={hasSum && at === rows.length - 1 ? "admin-sum" : undefined}>
              <th scope="row">{name}</th>
              {figures.map((figure, column) => (
                <td key={column}>{figure}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
