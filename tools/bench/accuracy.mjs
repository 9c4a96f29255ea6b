/**
 * Quality on held-out ratings: the built package in Node, through its public API. Trains on the protocol's training
 * part with the parameters as given (else the model's defaults) and measures on its test part; nothing is tuned here.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../lib/paths.mjs";
import { watch } from "../lib/say.mjs";
import { accuracyCases } from "./args.mjs";
import { readPublished, readRatings, split } from "./data.mjs";
import { ratedOnly } from "./rated.mjs";

const K = 10;

/** Names of the results, and where they stand in the engine's. */
const metrics = {
  rmse: "rmse",
  mae: "mae",
  "ndcg@10": "ndcg",
  "precision@10": "precision",
  "recall@10": "recall",
  coverage: "coverage",
};

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Parts of a data set; files are read once for cases that follow each other. */
function source(folder) {
  let last;
  return (name, test) => {
    const published = test === "u1";
    const key = `${name} ${published}`;
    if (last?.key !== key) last = { key, ratings: (published ? readPublished : readRatings)(folder, name) };
    return split(last.ratings, published ? 0 : test, name);
  };
}

/** One engine in this process, for one piece of work. */
async function opened(Tasteprint, scale, work) {
  const taste = await Tasteprint.open({ name: "bench", worker: false, persistence: "memory", scale });
  try {
    return await work(taste);
  } finally {
    await taste.close();
  }
}

/**
 * Every model on one split, by name: figures and seconds. The engine works the models off one after another and
 * reports the share done, which tells when each of them was finished.
 */
async function evaluated(taste, { train, test }, candidates, seed) {
  await taste.addInteractions(train);
  const ends = [];
  const began = performance.now();
  const onProgress = (fraction) => {
    while (ends.length < candidates.length && fraction >= (ends.length + 1) / candidates.length - 1e-9)
      ends.push(performance.now());
  };
  const report = await taste.evaluate({ models: candidates, test, k: K, seed, onProgress });
  const dropped = report.warnings.find(({ code }) => code === "unknown-held-out");
  if (dropped) throw new Error(`not every held-out rating was predicted: ${dropped.message}`);
  return report.rows.map(({ model, metrics: figures }, at) => {
    if (figures.ratings !== test.ratings.length)
      throw new Error(`${model}: ${figures.ratings} of ${test.ratings.length} held-out ratings were predicted`);
    const values = Object.fromEntries(Object.entries(metrics).map(([name, key]) => [name, figures[key]]));
    return { model, values, seconds: (ends[at] - (ends[at - 1] ?? began)) / 1000 };
  });
}

/** The figures of several folds as one: means, and the seconds of all. */
const merged = (folds) =>
  folds[0].map(({ model, values }, at) => ({
    model,
    values: Object.fromEntries(Object.keys(values).map((name) => [name, mean(folds.map((f) => f[at].values[name]))])),
    seconds: folds.reduce((sum, fold) => sum + fold[at].seconds, 0),
  }));

export async function* accuracy({ cases, model, params, seed, folder }) {
  const { Tasteprint } = await import(pathToFileURL(join(root, "pkg/index.js")).href);
  const parts = source(folder);
  const candidates = ["popularity", model]
    .filter((name, at, all) => all.indexOf(name) === at)
    .map((name) => ({ model: name, ...(params && name === model && { params }) }));
  // P1 of a fold and P3 are one and the same run: the same models see the same ratings.
  const known = new Map();
  for (const name of cases) {
    const { data, test, ratedOnly: rated = false } = accuracyCases[name];
    const counts = { train: 0, test: 0 };
    const folds = [];
    for (const fold of test) {
      const key = `${data} ${fold} ${rated}`;
      if (!known.has(key)) {
        const work = async () => {
          const part = parts(data, fold);
          const measure = rated ? ratedOnly : evaluated;
          const rows = await opened(Tasteprint, part.train.scale, (taste) => measure(taste, part, candidates, seed));
          return { rows, counts: { train: part.train.ratings.length, test: part.test.ratings.length } };
        };
        known.set(key, await watch(`${name}: ${fold}`, work));
      }
      const { rows, counts: here } = known.get(key);
      folds.push(rows);
      counts.train += here.train;
      counts.test += here.test;
    }
    for (const row of merged(folds)) {
      const given = candidates.find((candidate) => candidate.model === row.model)?.params;
      const settings = { params: given ?? "defaults", seed, k: K, test, ratings: counts };
      for (const [metric, value] of Object.entries(row.values))
        yield { case: name, model: row.model, metric, value, seconds: row.seconds, settings };
    }
  }
}
