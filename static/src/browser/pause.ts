/** Waits, unless it is called off. */

/** Ends after `milliseconds`; throws the reason of `halt` as soon as it has one. */
export async function pause(milliseconds: number, halt: AbortSignal): Promise<void> {
  halt.throwIfAborted();
  const ending = new AbortController();
  await new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    const onHalt = () => {
      clearTimeout(timer);
      reject(halt.reason as Error);
    };
    halt.addEventListener("abort", onHalt, { signal: ending.signal });
  }).finally(() => ending.abort());
}
