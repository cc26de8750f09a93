/** Work for when the browser is idle. What is loaded on demand shares this with the page, so that no import of its own can fail for it. */

/** How long a browser without idle callbacks (Safari) waits where nothing presses, and how long it is kept busy then, in milliseconds. */
const WAIT_MS = 1000;
const SLICE_MS = 8;

/**
 * Does `work` once nothing more urgent waits; work in steps may take the next one while it `hasTime`. After `atLatest` milliseconds, if
 * given, it is done all the same. Returns what cancels it.
 */
export function whenIdle(work: (hasTime: () => boolean) => void, atLatest?: number): () => void {
  if (!("requestIdleCallback" in window)) {
    const slice = () => {
      const end = performance.now() + SLICE_MS;
      work(() => performance.now() < end);
    };
    const timer = setTimeout(slice, atLatest ? 0 : WAIT_MS);
    return () => clearTimeout(timer);
  }
  const options = atLatest ? { timeout: atLatest } : {};
  const id = requestIdleCallback((deadline) => work(() => deadline.timeRemaining() > 1), options);
  return () => cancelIdleCallback(id);
}

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
