/** Figures beside their budgets, printed as `cargo xtask bench` prints its own. */

export interface Line {
  what: string;
  figure: string;
  budget?: { words: string; holds: boolean };
}

export function median(all: number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? NaN;
}

export function print(head: string, lines: Line[]): void {
  const width = Math.max(...lines.map(({ what }) => what.length));
  console.log(`\n${head}`);
  for (const { what, figure, budget } of lines) {
    const verdict = budget ? `${budget.holds ? "ok" : "OVER"} (${budget.words})` : "";
    console.log(`${what.padEnd(width)}  ${figure.padStart(12)}  ${verdict}`.trimEnd());
  }
}

export function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export function milliseconds(span: number): string {
  return `${Math.round(span)} ms`;
}

export function number(value: number): string {
  return value.toLocaleString("en");
}
