/** The built package in Node, through its public API. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../lib/paths.mjs";

/** One engine for one piece of work. */
export async function opened({ scale, catalog }, work) {
  const { Tasteprint } = await import(pathToFileURL(join(root, "pkg/index.js")).href);
  const options = { name: "bench", worker: false, persistence: "memory", scale, ...(catalog && { catalog }) };
  const taste = await Tasteprint.open(options);
  try {
    return await work(taste);
  } finally {
    await taste.close();
  }
}

/** Trains on all that is there, all epochs, as `evaluate` does; the new version serves. */
export async function trained(taste, { model, params }, seed) {
  const ask = { model, ...(params && { params }), validation: { split: "none" }, patience: 0, seed };
  const result = await taste.train(ask).done;
  if (!result.trained) throw new Error(`${model} was not trained: ${result.message}`);
  return result;
}

/**
 * Predicted ratings of some items for a profile, in their order. One list of all of them is a hundred times faster
 * than as many predictions.
 */
export async function predictions(taste, profile, items) {
  const found = new Map();
  for (let from = 0; from < items.length; from += 1000) {
    const some = items.slice(from, from + 1000);
    const ask = { profile, items: some, k: some.length, excludeSeen: false, caution: 0 };
    for (const { item, score } of await taste.recommend(ask)) found.set(item, score);
  }
  return items.map((item) => found.get(item) ?? Number.NaN);
}
