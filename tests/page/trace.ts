/** What a trace of Chromium says about the page's main thread between the marks `begin` and `end`. */

interface Event {
  name: string;
  pid: number;
  tid: number;
  /** These in microseconds; `tdur` is processor time. */
  ts: number;
  dur?: number;
  tdur?: number;
}

export interface MainThread {
  seconds: number;
  /** The share of that time in which a task was running, or waited for a processor that others had. */
  busy: number;
  /** Processor time of the tasks, in milliseconds: the same on a busy machine. */
  worked: number;
  /** The longest task, in milliseconds of processor time. */
  longest: number;
}

export function mainThread(trace: Buffer): MainThread {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: Event[] };
  const marked = (name: string) => {
    const mark = traceEvents.findLast((event) => event.name === name);
    if (!mark) throw new Error(`the trace has no mark ${name}`);
    return mark;
  };
  const [begin, end] = [marked("begin"), marked("end")];
  const tasks = traceEvents.filter(
    ({ name, pid, tid, ts }) =>
      name === "RunTask" && pid === begin.pid && tid === begin.tid && ts >= begin.ts && ts <= end.ts,
  );
  if (tasks.length === 0) throw new Error("the trace has no tasks of the main thread");
  const sum = (durations: number[]) => durations.reduce((sum, duration) => sum + duration, 0);
  const worked = tasks.map(({ tdur = 0 }) => tdur);
  const span = end.ts - begin.ts;
  return {
    seconds: span / 1e6,
    busy: sum(tasks.map(({ dur = 0 }) => dur)) / span,
    worked: sum(worked) / 1000,
    longest: Math.max(...worked) / 1000,
  };
}
