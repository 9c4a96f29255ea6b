/**
 * Does more feedback help? People of whom many ratings are known, each alone: a personal model learns from their first
 * 10, 30, 100, 300 ratings (in an order drawn by the seed) and predicts later ones; both sizes of a step are asked about
 * the same ratings. Nothing of other people is known. Runs in a thread of its own (`apart.mjs`).
 */
import { opened } from "./engine.mjs";
import { drawn } from "./newcomers.mjs";

export const SIZES = [10, 30, 100, 300];
/** Ratings that are predicted of each person, and people of a step at most. */
const ASKED = 50;
const MOST_PEOPLE = 200;
const DRAWINGS = 2000;

/** A 95 % interval of the mean by drawing the values anew, as many as there are; the drawing is named by the seed. */
export function interval(values, seed) {
  let state = seed >>> 0;
  // Mulberry32: enough for drawing people.
  const unit = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
  const means = Float64Array.from({ length: DRAWINGS }, () => {
    let sum = 0;
    for (let at = 0; at < values.length; at++) sum += values[Math.floor(unit() * values.length)];
    return sum / values.length;
  }).sort();
  return [means[Math.floor(0.025 * DRAWINGS)], means[Math.ceil(0.975 * DRAWINGS) - 1]];
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** One person's ratings as columns; all items are named, or what nobody rated could not be asked about. */
const columnsOf = (list, index, { itemIds, scale }) => ({
  ...{ userIds: ["me"], itemIds, scale },
  users: new Uint32Array(list.length),
  items: Uint32Array.from(list, ({ item }) => index.get(item)),
  ratings: Float32Array.from(list, ({ rating }) => rating),
});

export async function curve({ ratings, catalog, candidates, seed }, tail) {
  const candidate = candidates.at(-1);
  const { people } = drawn(ratings, seed);
  const index = new Map(ratings.itemIds.map((id, at) => [id, at]));
  const began = performance.now();
  const values = {};
  let [asked, memory] = [0, 0];
  await opened({ scale: ratings.scale, catalog }, async (taste) => {
    const errorOf = async (known, later) => {
      await taste.addInteractions(columnsOf(known, index, ratings));
      const test = columnsOf(later, index, ratings);
      const report = await taste.evaluate({ models: [candidate], test, seed, baselines: false });
      return report.rows.find(({ model }) => model === candidate.model).metrics.rmse;
    };
    for (const [at, size] of SIZES.slice(0, -1).entries()) {
      const next = SIZES[at + 1];
      const enough = people.filter(({ list }) => list.length >= next + ASKED).slice(0, MOST_PEOPLE);
      const errors = [];
      for (const [done, { list }] of enough.entries()) {
        tail(`${candidate.model}: ${size} and ${next} ratings, person ${done + 1} of ${enough.length}`);
        const later = list.slice(next, next + ASKED);
        errors.push([await errorOf(list.slice(0, size), later), await errorOf(list.slice(0, next), later)]);
      }
      const [before, after] = [0, 1].map((side) => mean(errors.map((pair) => pair[side])));
      const differences = errors.map(([one, other]) => other - one);
      const [low, high] = interval(differences, seed);
      const step = `${size} to ${next}`;
      Object.assign(values, {
        [`rmse before ${step}`]: before,
        [`rmse after ${step}`]: after,
        [`difference ${step}`]: mean(differences),
        [`difference ${step}, low`]: low,
        [`difference ${step}, high`]: high,
        [`people ${step}`]: enough.length,
      });
      asked += enough.length * ASKED;
    }
    memory = (await taste.status()).memory / 2 ** 20;
  });
  const seconds = (performance.now() - began) / 1000;
  const rows = [{ model: candidate.model, values, seconds, learning: seconds, memory }];
  return { rows, counts: { test: asked } };
}
