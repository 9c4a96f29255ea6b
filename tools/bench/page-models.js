/** What is measured in the page of whole trainings. Times are milliseconds. */
import { columns, engine, longestGap, open } from "/page.js";

/**
 * Trains once on what `load` has taken in. `ms` is the training itself, setting up included; `whole` is what the caller
 * waits for, storing included.
 */
export async function train({ model, params, seed }) {
  const taste = engine();
  const began = performance.now();
  const ask = { model, params, validation: { split: "none" }, patience: 0, seed, activate: false };
  const result = await taste.train(ask).done;
  const whole = performance.now() - began;
  if (!result.trained) throw new Error(result.message);
  await taste.models.remove(result.id);
  return { ms: result.trainingMs, whole };
}

/** Milliseconds of the tasks over 50 ms that the browser itself reports of the page's own thread. */
async function longTasks(work) {
  const tasks = [];
  const take = (list) => tasks.push(...list.getEntries().map(({ duration }) => duration));
  const observer = new PerformanceObserver(take);
  observer.observe({ entryTypes: ["longtask"] });
  try {
    await work();
    // Entries are delivered in a task of their own.
    await new Promise((done) => setTimeout(done, 200));
    take({ getEntries: () => observer.takeRecords() });
  } finally {
    observer.disconnect();
  }
  return tasks;
}

/**
 * A training as a page asks for it, with validation, the version stored in IndexedDB and served. Then the same again,
 * aborted at some shares of that time; `aborts` are the milliseconds until each abort is answered.
 */
export async function watched({ model, seed, moments }) {
  const { catalog, ...given } = await columns();
  const { scale } = given;
  const taste = await open({ name: `bench-page-${model}`, persistence: "indexeddb", scale, catalog });
  await taste.addInteractions(given);
  let result;
  let whole;
  let gap;
  const tasks = await longTasks(async () => {
    gap = await longestGap(async () => {
      const began = performance.now();
      const run = taste.train({ model, seed });
      for await (const { fraction } of run) document.title = `${model} ${Math.floor(100 * fraction)} %`;
      result = await run.done;
      whole = performance.now() - began;
    });
  });
  if (!result.trained) throw new Error(result.message);
  const { memory } = await taste.status();
  const aborts = [];
  for (const moment of moments) {
    const run = taste.train({ model, seed });
    const answered = run.done.then(
      () => undefined,
      (error) => error,
    );
    await new Promise((done) => setTimeout(done, moment * whole));
    const began = performance.now();
    run.abort();
    const error = await answered;
    // It may have been faster than last time and be done.
    if (error?.name === "AbortError") aborts.push(performance.now() - began);
    else if (error) throw error;
  }
  await taste.forget("everything");
  return {
    whole,
    training: result.trainingMs,
    epochs: result.history.length,
    bytes: result.bytes,
    memory,
    tasks,
    gap,
    aborts,
  };
}
