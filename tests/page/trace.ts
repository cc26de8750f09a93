/** What a trace of Chromium says about the page's main thread between the marks `begin` and `end`. */

interface Event {
  name: string;
  pid: number;
  tid: number;
  /** Both in microseconds. */
  ts: number;
  dur?: number;
}

export interface MainThread {
  seconds: number;
  /** The share of that time in which a task was running. */
  busy: number;
  /** The longest task, in milliseconds. */
  longest: number;
}

export function mainThread(trace: Buffer): MainThread {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: Event[] };
  const marked = (name: string) => {
    const mark = traceEvents.find((event) => event.name === name);
    if (!mark) throw new Error(`the trace has no mark ${name}`);
    return mark;
  };
  const [begin, end] = [marked("begin"), marked("end")];
  const tasks = traceEvents.filter(
    ({ name, pid, tid, ts }) =>
      name === "RunTask" && pid === begin.pid && tid === begin.tid && ts >= begin.ts && ts <= end.ts,
  );
  if (tasks.length === 0) throw new Error("the trace has no tasks of the main thread");
  const durations = tasks.map(({ dur = 0 }) => dur);
  const span = end.ts - begin.ts;
  return {
    seconds: span / 1e6,
    busy: durations.reduce((sum, duration) => sum + duration, 0) / span,
    longest: Math.max(...durations) / 1000,
  };
}
