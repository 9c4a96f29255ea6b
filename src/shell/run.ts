/** Long work as the caller sees it: progress to iterate over, a promise for the end. */
import type { Run } from "./types.ts";

/**
 * Starts `work` at once. A caller may await `done`, or iterate, or both: reports wait until they are read (a chart
 * wants every epoch), and the iterator throws what `done` rejects with.
 */
export function run<P, R>(
  work: (signal: AbortSignal, progress: (p: P) => void) => Promise<R>,
  outer?: AbortSignal,
): Run<P, R> {
  const controller = new AbortController();
  const forward = () => controller.abort();
  if (outer?.aborted) controller.abort();
  outer?.addEventListener("abort", forward, { once: true });
  const reports: P[] = [];
  let ended = false;
  let wake: () => void = () => {};
  const done = work(controller.signal, (value) => {
    reports.push(value);
    wake();
  }).finally(() => {
    ended = true;
    outer?.removeEventListener("abort", forward);
    wake();
  });
  // Who iterates learns of the failure there; without this it would be reported as unhandled beside it.
  done.catch(() => {});
  return {
    done,
    abort: forward,
    async *[Symbol.asyncIterator]() {
      for (;;) {
        if (reports.length > 0) yield reports.shift() as P;
        else if (ended) {
          await done;
          return;
        } else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  };
}
