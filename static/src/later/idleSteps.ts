/** Work in small steps while the browser is idle, the newest job first, because that is what is in view. */
import { whenIdle } from "../browser/whenIdle.ts";

/** One step of a job must stay far below the 50 ms in which a key press should be answered. */
type Steps = Iterator<void, void>;

interface Job {
  steps: Steps;
  done: () => void;
}

/** Also while an answer streams in, which may leave no idle moment, the work continues after this time. */
const AT_LATEST_MS = 500;

const jobs: Job[] = [];
let isPlanned = false;

/** Takes `steps` to their end, step by step. */
export function inSteps(steps: Steps): Promise<void> {
  return new Promise((done) => {
    jobs.push({ steps, done });
    plan();
  });
}

function plan(): void {
  if (isPlanned || jobs.length === 0) return;
  isPlanned = true;
  whenIdle(work, AT_LATEST_MS);
}

function work(hasTime: () => boolean): void {
  isPlanned = false;
  do step();
  while (jobs.length > 0 && hasTime());
  plan();
}

function step(): void {
  const job = jobs.at(-1);
  if (!job) return;
  let isDone: boolean | undefined = true;
  try {
    isDone = job.steps.next().done;
  } catch (thrown) {
    // A decoration that fails leaves the text as it was.
    console.error(thrown);
  }
  if (isDone) {
    jobs.splice(jobs.indexOf(job), 1);
    job.done();
  }
}
