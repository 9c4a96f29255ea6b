/**
 * The page while a model is trained on all of ml-1m: tasks of the page's own thread, aborts, and what a training costs
 * there in time, memory and storage.
 */
import { models } from "./models.mjs";
import { round } from "./output.mjs";
import { publishColumns } from "./serve.mjs";

/** Shares of a training's time at which it is aborted, early ones among them: data are prepared then. */
const moments = [0.01, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95];

export async function page({ browser, server, data, model, seed, tail }) {
  const results = [];
  publishColumns(server, { ...data.ratings(), catalog: data.catalog() });
  for (const name of model ? [model] : models) {
    tail(name);
    // A page of its own: memory of WebAssembly only grows.
    const page = await browser.page(`${server.url}/index.html`);
    const run = await page.run("/page-models.js", "watched", { model: name, seed, moments });
    await page.close();
    const settings = {
      ...{ data: "ml-1m, all ratings", params: "defaults", seed, epochs: run.epochs, unit: "ms; s; MB" },
      measured:
        "train() with its defaults: a tenth held out, the model measured on it, stored in IndexedDB and served; longest-task: as the browser reports tasks over 50 ms of the page's own thread, 0 without any; gap: longest pause between two timers there; abort: slowest answer; memory: of the engine, data included; size: of the stored version",
      tasks: run.tasks.map((ms) => round(ms, 1)),
      aborts: run.aborts.map((ms) => round(ms, 1)),
      moments,
    };
    const values = {
      seconds: run.whole / 1000,
      "longest-task": Math.max(0, ...run.tasks),
      gap: run.gap,
      abort: Math.max(0, ...run.aborts),
      memory: run.memory / 2 ** 20,
      size: run.bytes / 2 ** 20,
    };
    results.push({ model: name, settings, values });
  }
  return results;
}
