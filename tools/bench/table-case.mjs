/**
 * A random forest of numbers, by five folds of the same rows: ours through `fitTable` of the built package in Node, and
 * scikit-learn's. Trees, and the share of columns tried at a split, are the same.
 */
import { watch } from "../lib/say.mjs";
import { split } from "./data.mjs";
import { opened } from "./engine.mjs";
import { round } from "./output.mjs";
import { forestPeer } from "./peer.mjs";

const model = "random-forest";
const FOLDS = 5;
/** Rows of the films: an even sample of the ratings that are learned from. */
const FILMS = 20_000;
/** Draws of both sides: a single forest's error has chance in it. */
const SEEDS = 3;

/** The fold of each row: dealt in turn, in an order that has nothing to do with the table's. */
export function dealt(rows, seed) {
  const order = Uint32Array.from({ length: rows }, (_, at) => at);
  let state = BigInt(seed) + 1n;
  for (let at = rows - 1; at > 0; at--) {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    const other = Number((state >> 33n) % BigInt(at + 1));
    [order[at], order[other]] = [order[other], order[at]];
  }
  const folds = new Uint8Array(rows);
  for (const [at, row] of order.entries()) folds[row] = at % FOLDS;
  return folds;
}

/** What is known of a film for each rating of an even sample: genres, number of them, year, and whether it is known. */
export function filmsTable({ ratings, catalog }, most = FILMS) {
  const { train } = split(ratings, 0);
  const genres = [...new Set(catalog.flatMap((film) => film.genres))].sort();
  const columns = [...genres.map((genre) => `genre ${genre}`), "genres", "year", "year known"];
  const years = catalog.flatMap(({ year }) => (year === undefined ? [] : [year]));
  const mean = years.reduce((sum, year) => sum + year, 0) / Math.max(1, years.length);
  const count = Math.min(most, train.ratings.length);
  const rows = new Float32Array(count * columns.length);
  const target = new Float32Array(count);
  for (let at = 0; at < count; at++) {
    const from = Math.floor((at * train.ratings.length) / count);
    const film = catalog[train.items[from]];
    const known = film.year !== undefined;
    const own = [...genres.map((genre) => (film.genres.includes(genre) ? 1 : 0)), film.genres.length];
    rows.set([...own, known ? film.year : mean, known ? 1 : 0], at * columns.length);
    target[at] = train.ratings[from];
  }
  return { columns, rows, target };
}

/** Some rows of a table. */
function picked({ columns, rows, target }, numbers) {
  const width = columns.length;
  const some = new Float32Array(numbers.length * width);
  for (const [at, row] of numbers.entries()) some.set(rows.subarray(row * width, (row + 1) * width), at * width);
  return { columns, rows: some, target: Float32Array.from(numbers, (row) => target[row]) };
}

async function ours(table, { params, seed, train, test }) {
  return await opened({}, async (taste) => {
    const forest = await taste.fitTable({ model, params, seed, ...picked(table, train) });
    if (!forest.trained) throw new Error(forest.message);
    return forest.predict(picked(table, test).rows);
  });
}

/** Figures of ours, and with `peers` of scikit-learn's and how many times theirs ours are. */
export async function* tables(name, { params: asked, seed, peers, read }) {
  const [, which] = name.split("/");
  const params = { trees: 100, ...asked, maxFeatures: asked?.maxFeatures || 1 };
  const { trees, maxFeatures } = params;
  const foreign = peers && Object.keys(params).find((key) => key !== "trees" && key !== "maxFeatures");
  if (foreign) throw new Error(`--params ${foreign} has no counterpart in the peer: leave it or --peers out`);
  const squared = { ours: 0, theirs: 0 };
  const seconds = { ours: 0, theirs: 0 };
  let about;
  let size;
  let count = 0;
  await watch(`${name} ${model}`, async (tail) => {
    // Two of the tables are the peer's own, so that it is there for them in any case.
    const peer = peers || which !== "films" ? await forestPeer() : undefined;
    try {
      const table = which === "films" ? filmsTable(read("ml-latest-small")) : await peer.data(which, seed);
      const rows = table.target.length;
      size = { rows, columns: table.columns.length };
      about = peers ? peer.about : undefined;
      if (peers) await peer.learn(table);
      const folds = dealt(rows, seed);
      for (let at = 0; at < SEEDS * FOLDS; at++) {
        const fold = at % FOLDS;
        tail(`fold ${fold + 1} of ${FOLDS}, draw ${Math.floor(at / FOLDS) + 1} of ${SEEDS}`);
        const numbers = (held) => Uint32Array.from(folds.keys()).filter((row) => (folds[row] === fold) === held);
        const one = { params, seed: seed + Math.floor(at / FOLDS), train: numbers(false), test: numbers(true) };
        const error = (said) => one.test.reduce((sum, row, place) => sum + (said[place] - table.target[row]) ** 2, 0);
        const began = performance.now();
        squared.ours += error(await ours(table, one));
        const between = performance.now();
        if (peers) squared.theirs += error((await peer.run({ ...one, trees, maxFeatures })).said);
        seconds.ours += (between - began) / 1000;
        seconds.theirs += (performance.now() - between) / 1000;
        count += one.test.length;
      }
    } finally {
      peer?.close();
    }
  });
  const settings = { params, seed, seeds: SEEDS, folds: FOLDS, ...size };
  const rmse = (sum) => Math.sqrt(sum / count);
  const own = { case: name, model, seconds: seconds.ours };
  yield { ...own, metric: "rmse", value: rmse(squared.ours), settings };
  if (!peers) return;
  const ratio = rmse(squared.ours) / rmse(squared.theirs);
  const beside = { ...settings, peer: about };
  yield { ...own, metric: "rmse-times-peer", value: ratio, settings: { ...beside, limits: [0.98, 1.02] } };
  const theirs = { case: name, model: "sklearn-forest", seconds: seconds.theirs };
  yield { ...theirs, metric: "rmse", value: round(rmse(squared.theirs), 6), settings: beside };
}
