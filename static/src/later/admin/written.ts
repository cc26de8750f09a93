/** Numbers and times as an operator reads them: in English, and in UTC like the log. */

/** Where there is no figure. */
export const NONE = "–";

const counts = new Intl.NumberFormat("en");
const dollars = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumFractionDigits: 4 });
const shares = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
const three = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const hours = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "UTC",
});

export const count = (value: number) => counts.format(value);
export const usd = (value: number) => dollars.format(value);

/** `part` of 1. */
export const percent = (part: number | null) => (part === null ? NONE : shares.format(part));

/** Below a second in milliseconds, above it in seconds. */
export function milliseconds(value: number | null): string {
  if (value === null) return NONE;
  return value < 1000 ? `${Math.round(value)} ms` : `${three.format(value / 1000)} s`;
}

const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

/** By thousands, as providers count space. */
export function bytes(value: number): string {
  let [size, unit] = [value, 0];
  while (size >= 999.5 && unit < UNITS.length - 1) [size, unit] = [size / 1000, unit + 1];
  return `${three.format(size)} ${UNITS[unit]}`;
}

/** A time of the API, to the minute. */
export function moment(time: string): string {
  return `${hours.format(new Date(time))} UTC`;
}
