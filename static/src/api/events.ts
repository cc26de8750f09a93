/** Server-sent events, as the HTML standard has them, but for what only a reader that reconnects by itself needs (`retry`). */

export interface ServerEvent {
  /** Its name; empty: it has none. */
  event: string;
  data: string;
  id: string | undefined;
}

/** The result takes the text of a stream, cut anywhere, and calls `onEvent` with each event that is whole. */
export function eventReader(onEvent: (event: ServerEvent) => void): (text: string) => void {
  let rest = "";
  let lines: string[] = [];
  let event = "";
  let id: string | undefined;
  const take = (line: string) => {
    const [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === "data") lines.push(value);
    else if (name === "event") event = value;
    else if (name === "id") id = value;
    else if (line === "") {
      if (lines.length > 0) onEvent({ event, data: lines.join("\n"), id });
      [lines, event, id] = [[], "", undefined];
    }
  };
  return (text) => {
    // A CR at the end may be half of a CR LF.
    const found = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = found.pop() ?? "";
    for (const line of found) take(line);
  };
}
