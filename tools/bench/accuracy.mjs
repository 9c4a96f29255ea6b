/**
 * Quality on held-out ratings: the built package in Node. Trains on the protocol's training part with the parameters
 * as given (else the documented setting of the case, else the model's defaults) and measures on its test part; nothing
 * is tuned here.
 */
import { watch } from "../lib/say.mjs";
import { apart } from "./apart.mjs";
import { accuracyCases } from "./cases.mjs";
import { readCatalog } from "./catalog.mjs";
import { readPairs, readPublished, readRatings, split } from "./data.mjs";
import { K } from "./evaluate.mjs";
import { paramsFor } from "./models.mjs";
import { tables } from "./table-case.mjs";

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Ratings and catalog of a data set; files are read once for cases that follow each other. */
function source(folder) {
  let last;
  return (name, published = false) => {
    const key = `${name} ${published}`;
    if (last?.key === key) return last.found;
    const ratings = (published ? readPublished : readRatings)(folder, name);
    const catalog = readCatalog(folder, name, ratings.itemIds);
    last = { key, found: { ratings, catalog } };
    return last.found;
  };
}

/** The figures of several folds as one: means, the seconds of all, the memory of the largest. */
const merged = (folds) =>
  folds[0].map(({ model, values }, at) => {
    const all = folds.map((fold) => fold[at]);
    const names = Object.keys(values).filter((name) => all.every((fold) => name in fold.values));
    return {
      model,
      values: Object.fromEntries(names.map((name) => [name, mean(all.map((fold) => fold.values[name]))])),
      seconds: all.reduce((sum, { seconds }) => sum + seconds, 0),
      learning: mean(all.map(({ learning }) => learning)),
      memory: Math.max(...all.map(({ memory }) => memory)),
    };
  });

/** What a fold of a case came to: rows by model, and how many ratings were on each side. */
async function folds(name, { candidates, seed, folder, read, known, tail }) {
  const { data, how, test = [], takes } = accuracyCases[name];
  if (how === "newcomers" || how === "curve") {
    const { rows, counts } = await apart(how, { ...read(data), candidates, seed }, tail);
    return [{ rows, counts }];
  }
  if (how === "parity") {
    const { ratings } = read(data);
    const pairs = readPairs(folder, data, "item-item-preds.csv");
    return [await apart(how, { ratings, pairs, candidates: candidates.slice(-1), seed }, tail)];
  }
  const found = [];
  for (const fold of test) {
    // P1 of a fold, P3 and P5 are one and the same run: the same models see the same ratings.
    const key = JSON.stringify([data, fold, candidates]);
    if (!known.has(key)) {
      const published = fold === "u1";
      const { ratings, catalog } = read(data, published);
      const parts = split(ratings, published ? 0 : fold, data);
      const say = (text) => tail(`fold ${fold}: ${text}`);
      const rows = await apart(how, { ...parts, catalog, candidates, seed }, say);
      known.set(key, { rows, counts: { train: parts.train.ratings.length, test: parts.test.ratings.length } });
    }
    const { rows, counts } = known.get(key);
    const wanted = rows.map(({ rated, ...row }) => (takes === "rated" ? { ...row, values: rated } : row));
    found.push({ rows: wanted, counts });
  }
  return found;
}

export async function* accuracy({ cases, model, params, seed, folder, peers }) {
  const [read, known] = [source(folder), new Map()];
  for (const name of cases) {
    if (accuracyCases[name].how === "tables") {
      yield* tables(name, { params, seed, peers, read });
      continue;
    }
    const asked = paramsFor(model, name, params);
    const candidates = ["popularity", model]
      .filter((candidate, at, all) => all.indexOf(candidate) === at)
      .map((candidate) => ({ model: candidate, ...(asked && candidate === model && { params: asked }) }));
    const { test, beside = [] } = accuracyCases[name];
    for (const { of, ...row } of beside) if ((of ?? row.model) === model) candidates.push(row);
    const work = (tail) => folds(name, { candidates, seed, folder, read, known, tail });
    const folded = await watch(`${name} ${model}`, work);
    const ratings = {};
    for (const { counts } of folded)
      for (const [key, count] of Object.entries(counts)) ratings[key] = (ratings[key] ?? 0) + count;
    const all = merged(folded.map(({ rows }) => rows));
    for (const [at, row] of all.entries()) {
      const found =
        all.length === candidates.length ? candidates[at] : candidates.find((one) => one.model === row.model);
      const given = found?.params;
      const settings = { params: given ?? "defaults", seed, k: K, ...(test && { test }), ratings };
      // The thread's memory is that of the model that was asked for, not of the one beside it.
      const costs = { learning: row.learning, ...(row.model === model && { memory: row.memory }) };
      for (const [metric, value] of Object.entries({ ...row.values, ...costs }))
        yield { case: name, model: row.model, metric, value, seconds: row.seconds, settings };
    }
  }
}
