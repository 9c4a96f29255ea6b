/**
 * A random forest of one's own numbers in Chromium, from the page to its worker and back, beside scikit-learn's on one
 * thread and npm's `ml-random-forest` in the same page: the same rows, as many trees, every column tried, grown to the end.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { target as built } from "../lib/paths.mjs";
import { must } from "../lib/run.mjs";
import { step } from "../lib/say.mjs";
import { median, quantile, round } from "./output.mjs";
import { forestPeer } from "./peer.mjs";
import { shown } from "./races.mjs";

const model = "random-forest";
const shape = { rows: 1000, columns: 20, trees: 100, asked: 1000 };
const rounds = 7;
/** Trees of `ml-random-forest`: it grows one after another, so that all of them take as many times longer. */
const few = 2;

const version = "2.1.0";
const npm = process.platform === "win32" ? "npm.cmd" : "npm";

/** The other library in one file; the package never depends on it. */
async function library() {
  const folder = join(built, "bench-ml-forest");
  const about = join(folder, "node_modules/ml-random-forest/package.json");
  if (!existsSync(about) || JSON.parse(readFileSync(about, "utf8")).version !== version)
    await step("ml-random-forest", async (onLine) => {
      const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--no-save"];
      await must(npm, ["install", "--prefix", folder, ...quiet, `ml-random-forest@${version}`], { onLine });
    });
  const { build } = await import("esbuild");
  const stdin = { contents: 'export { RandomForestRegression } from "ml-random-forest";', resolveDir: folder };
  // It asks for Node's "crypto" only where no seed is given.
  const options = { bundle: true, format: "esm", minify: true, write: false, external: ["crypto"] };
  const { outputFiles } = await build({ stdin, ...options });
  return outputFiles[0].contents;
}

/** Numbers from 0 to 1 (mulberry32). */
function drawing(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Friedman's first function with noise; all but five columns are noise, too. */
export function friedman(rows, columns, seed) {
  const draw = drawing(seed);
  const x = Float32Array.from({ length: rows * columns }, draw);
  const y = Float32Array.from({ length: rows }, (_, row) => {
    const [a, b, c, d, e] = x.subarray(row * columns, row * columns + 5);
    const noise = Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
    return 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e + noise;
  });
  return { columns: Array.from({ length: columns }, (_, at) => `x${at}`), rows: x, target: y };
}

const rmse = (said, truth) => Math.sqrt(said.reduce((sum, s, at) => sum + (s - truth[at]) ** 2, 0) / said.length);

/** Times of some rounds by what was timed, the warm-up left out. */
const timesOf = (runs, key) => runs.slice(1).map((run) => run[key]);
const figures = (runs) => ({
  fit: median(timesOf(runs, "fit")),
  "fit-p95": quantile(timesOf(runs, "fit"), 0.95),
  predict: median(timesOf(runs, "predict")),
  "predict-p95": quantile(timesOf(runs, "predict"), 0.95),
});
const told = (runs) => ({ fit: shown(timesOf(runs, "fit")), predict: shown(timesOf(runs, "predict")) });

export async function forest({ page, server, seed, peers, tail }) {
  const { rows, columns, trees, asked } = shape;
  const data = friedman(rows + asked, columns, seed);
  const bytes = [data.rows, data.target].map((c) => Buffer.from(c.buffer, c.byteOffset, c.byteLength));
  server.publish("/forest.bin", Buffer.concat(bytes));
  if (peers) server.publish("/ml-random-forest.js", await library());
  const numbers = (from, length) => Uint32Array.from({ length }, (_, at) => from + at);
  const [train, test] = [numbers(0, rows), numbers(rows, asked)];
  const truth = data.target.subarray(rows);
  const ask = { trees, maxFeatures: 1, seed };
  const peer = peers ? await forestPeer() : undefined;
  const ours = [];
  const theirs = [];
  const npms = [];
  try {
    await peer?.learn(data);
    await page.run("/page-forest.js", "load", shape);
    // Turn by turn, so that a busy minute of the machine costs all alike. The first round is a warm-up.
    for (let turn = 0; turn <= rounds; turn++) {
      tail(`round ${turn} of ${rounds}`);
      ours.push(await page.run("/page-forest.js", "ours", ask));
      if (peer) theirs.push(await peer.run({ ...ask, train, test }));
    }
    if (peers)
      for (let turn = 0; turn <= 3; turn++) {
        tail(`ml-random-forest, round ${turn} of 3`);
        npms.push(await page.run("/page-forest.js", "npms", { trees: few, seed }));
      }
  } finally {
    peer?.close();
  }
  const settings = {
    ...{ data: "Friedman's first function, made up", ...shape, params: { trees, maxFeatures: 1 }, rounds, seed },
    ...{ unit: "ms", measured: "fitTable() and predict() from the page, to the worker and back", ms: told(ours) },
  };
  const values = { ...figures(ours), rmse: rmse(ours[0].said, truth) };
  if (!peer) return [{ model, settings, values }];
  const all = trees / few;
  const scaled = npms.map(({ fit, predict }) => ({ fit: fit * all, predict: predict * all }));
  const [own, native, other] = [figures(ours), figures(theirs), figures(scaled)];
  const ratios = {
    "fit-times-peer": own.fit / native.fit,
    "predict-times-peer": own.predict / native.predict,
    "fit-times-faster": other.fit / own.fit,
    "predict-times-faster": other.predict / own.predict,
  };
  const limits = { "fit-times-peer": 0.5, "predict-times-peer": 0.5, "fit-times-faster": 50 };
  const measured = "fit() and predict()";
  const peerSettings = { ...peer.about, ...shape, params: ask, rounds, seed, unit: "ms", measured, ms: told(theirs) };
  const npmSettings = {
    ...{ peer: "ml-random-forest", version, ...shape, seed, unit: "ms", ms: told(scaled) },
    ...{ rounds: npms.length - 1, treesTimed: few, rmse: round(rmse(npms[0].said, truth), 3) },
    measured: `train() and predict() of ${few} trees in the same page, times ${all}`,
  };
  return [
    {
      model,
      settings: { ...settings, limits, peer: { ...peer.about, ms: told(theirs) }, other: npmSettings },
      values: { ...values, ...ratios },
    },
    { model: "sklearn-forest", settings: peerSettings, values: { ...native, rmse: rmse(theirs[0].said, truth) } },
    { model: "ml-random-forest", settings: npmSettings, values: other },
  ];
}
