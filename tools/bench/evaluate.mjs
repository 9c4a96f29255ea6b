/**
 * P1 to P3 and P5: models trained on one part of the ratings and measured on the other by the package's `evaluate`.
 * Runs in a thread of its own (`apart.mjs`).
 */
import { opened } from "./engine.mjs";

export const K = 10;

/** Names of the results, and where they stand in the engine's. */
const metrics = {
  rmse: "rmse",
  mae: "mae",
  "ndcg@10": "ndcg",
  "precision@10": "precision",
  "recall@10": "recall",
  "map@10": "map",
  "mrr@10": "mrr",
  "hit-rate@10": "hitRate",
  auc: "auc",
  coverage: "coverage",
  novelty: "novelty",
  diversity: "diversity",
  coverage90: "coverage90",
  "log-loss": "logLoss",
  ece: "ece",
};

/** Those of P5, in which only the held-out items of a person are ranked. */
const ratedMetrics = { rmse: "rmse", mae: "mae", "precision@10": "ratedPrecision", "recall@10": "ratedRecall" };

const named = (names, figures) =>
  Object.fromEntries(
    Object.entries(names).flatMap(([name, key]) => (Number.isFinite(figures[key]) ? [[name, figures[key]]] : [])),
  );

/** Rows that differ in person, item or circumstances: the engine keeps one of those that do not. */
function distinct({ users, items, ratings, context = {} }) {
  const kinds = Object.values(context);
  if (!kinds.length) return ratings.length;
  const keys = Array.from(users, (user, row) => [user, items[row], ...kinds.map(({ of }) => of[row])].join(" "));
  return new Set(keys).size;
}

/**
 * Every candidate on one split: figures, seconds of learning and seconds in all. The engine works them off one after
 * another and reports the share done; learning is the first nine tenths of each.
 */
export async function evaluate({ train, test, catalog, candidates, seed }, tail) {
  return await opened({ scale: train.scale, catalog }, async (taste) => {
    await taste.addInteractions(train);
    const began = performance.now();
    const learned = [];
    const ended = [];
    const onProgress = (fraction) => {
      const now = performance.now();
      const share = fraction * candidates.length;
      tail(`${candidates[Math.min(ended.length, candidates.length - 1)].model} ${Math.floor(100 * fraction)} %`);
      while (learned.length < candidates.length && share >= learned.length + 0.9 - 1e-9) learned.push(now);
      while (ended.length < candidates.length && share >= ended.length + 1 - 1e-9) ended.push(now);
    };
    const report = await taste.evaluate({ models: candidates, test, k: K, seed, baselines: false, onProgress });
    const dropped = report.warnings.find(({ code }) => code === "unknown-held-out");
    if (dropped) throw new Error(`not every held-out rating was predicted: ${dropped.message}`);
    const memory = (await taste.status()).memory / 2 ** 20;
    return report.rows.map(({ model, metrics: figures, segments }, at) => {
      if (figures.ratings !== distinct(test))
        throw new Error(`${model}: ${figures.ratings} of ${test.ratings.length} held-out ratings were predicted`);
      const from = ended[at - 1] ?? began;
      return {
        model,
        values: { ...named(metrics, figures), ...bySegment(segments) },
        rated: { ...named(ratedMetrics, figures), predicted: figures.ratings / distinct(test) },
        seconds: (ended[at] - from) / 1000,
        learning: (learned[at] - from) / 1000,
        memory,
      };
    });
  });
}

/** nDCG by segment. */
const bySegment = (segments) =>
  Object.fromEntries(segments.flatMap(({ name, ndcg }) => (Number.isFinite(ndcg) ? [[`ndcg@10 ${name}`, ndcg]] : [])));
