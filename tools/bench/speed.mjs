/** Speed of the built package in headless Chromium, in its worker. Figures of this machine and hour: never a test. */
import { cpus } from "node:os";
import { watch } from "../lib/say.mjs";
import { launch } from "./browser.mjs";
import { speedCases } from "./cases.mjs";
import { readCatalog } from "./catalog.mjs";
import { asRatingsDat, readRatings, split } from "./data.mjs";
import { forest } from "./forest-case.mjs";
import { ncf } from "./ncf-case.mjs";
import { median, quantile, round } from "./output.mjs";
import { page as pageWhileTraining } from "./page-case.mjs";
import { peerOf } from "./peer.mjs";
import { raceMeasures, shown } from "./races.mjs";
import { publishColumns, serve } from "./serve.mjs";

const model = "matrix-factorization";

/** Stochastic gradient descent on the training part of ml-1m P1 fold 0. */
async function mfSgd({ page, server, data, seed, peers, tail }) {
  const rounds = 7;
  const params = { factors: 50, epochs: 20 };
  publishColumns(server, data.train());
  tail("reading the ratings");
  const { ratings } = await page.run("/page.js", "load");
  const peer = peers ? await peerOf("surprise", data.train()) : undefined;
  const ours = [];
  const theirs = [];
  try {
    // Turn by turn, so that a busy minute of the machine costs both alike. The first round is a warm-up.
    for (let round = 0; round <= rounds; round++) {
      tail(`round ${round} of ${rounds}`);
      ours.push(await page.run("/page.js", "sgd", { params, seed, ratings }));
      if (peer) theirs.push(await peer.fit({ n_factors: params.factors, n_epochs: params.epochs, random_state: seed }));
    }
  } finally {
    peer?.close();
  }
  for (const list of [ours, theirs]) list.shift();
  // All updates of all epochs at the speed of those that were timed, which are nearly all of them.
  const updates = ratings * params.epochs;
  const times = ours.map(({ updates: timed, ms }) => (ms * updates) / timed);
  const settings = {
    ...{ data: "ml-1m P1 fold 0, training part", ratings, ...params, rounds, seed, unit: "ms; updates/s" },
    measured: "epochs alone, between the first and the last progress report of the phase training, in the worker",
    timed: round(ours[0].updates / updates, 4),
    ms: shown(times),
    whole: shown(ours.map((run) => run.whole)),
  };
  const figures = (all) => ({
    throughput: updates / (median(all) / 1000),
    median: median(all),
    p95: quantile(all, 0.95),
  });
  const whole = median(ours.map((run) => run.whole));
  if (!peer) return [{ model, settings, values: { ...figures(times), whole } }];
  const ratio = median(theirs) / median(times);
  // What a caller waits for, setting up and storing included, beside what was asked for.
  const ratioOfWhole = round(median(theirs) / whole, 4);
  const told = { ...settings, peer: { ...peer.about, ms: shown(theirs) }, ratioOfWhole };
  const peerSettings = { ...peer.about, ...params, ratings, rounds, seed, biased: true, measured: "fit()" };
  return [
    { model, settings: told, values: { ...figures(times), whole, ratio }, more: { ratio: round(ratio, 4) } },
    { model: "surprise-svd", settings: peerSettings, values: figures(theirs) },
  ];
}

/** From a rating to the list that reflects it. */
async function live({ page }) {
  const shape = { people: 2000, items: 10_000, perPerson: 100, params: { factors: 64, epochs: 5 } };
  const runs = { warmUp: 30, runs: 300 };
  const times = await page.run("/page.js", "live", { ...shape, ...runs });
  const values = {
    median: median(times.both),
    p95: quantile(times.both, 0.95),
    "rate-median": median(times.rate),
    "recommend-median": median(times.recommend),
  };
  const measured =
    "rate() until its IndexedDB transaction is complete (relaxed durability), then recommend({ k: 10 }); another item each time";
  return [{ model, settings: { ...shape, ...runs, unit: "ms", measured }, values }];
}

/** A list for a person who is known already. */
async function recommend({ page, server, data }) {
  publishColumns(server, data.train());
  const params = { factors: 64, epochs: 5 };
  const runs = { history: 50, warmUp: 30, runs: 300 };
  const { times, items } = await page.run("/page.js", "recommend", { params, ...runs });
  const measured = "recommend({ k: 10 }) from the page, to the worker and back";
  const settings = { data: "ml-1m", items, ...params, ...runs, unit: "ms", measured };
  return [{ model, settings, values: { median: median(times), p95: quantile(times, 0.95) } }];
}

/** All of ml-1m as a file. */
async function importRatings({ page, server, data, tail }) {
  const { ratings } = data;
  const dat = asRatingsDat(ratings());
  server.publish("/ratings.dat", dat);
  const rounds = 3;
  const runs = [];
  for (let round = 1; round <= rounds; round++) {
    tail(`round ${round} of ${rounds}`);
    runs.push(await page.run("/page.js", "importFile", { ratings: ratings().ratings.length }));
  }
  const settings = {
    ...{ file: "ratings.dat", bytes: dat.length, ratings: ratings().ratings.length, rounds, unit: "s; ms" },
    measured:
      "importRatings() until it is stored in IndexedDB; gap: longest pause of the page's own thread, all rounds",
    ms: shown(runs.map((run) => run.ms)),
    gaps: shown(runs.map((run) => run.gap)),
  };
  const values = { seconds: median(runs.map((run) => run.ms)) / 1000, gap: Math.max(...runs.map((run) => run.gap)) };
  return [{ model: null, settings, values }];
}

const measures = {
  "mf-sgd": mfSgd,
  ...raceMeasures,
  ncf,
  forest,
  page: pageWhileTraining,
  live,
  recommend,
  import: importRatings,
};

/** A value that is worked out when it is first asked for. */
function once(make) {
  let made;
  return () => {
    made ??= make();
    return made;
  };
}

/** A data set, read when it is first asked for. */
function dataOf(folder, name) {
  const ratings = once(() => readRatings(folder, name));
  return {
    ratings,
    train: once(() => split(ratings(), 0, name).train),
    catalog: once(() => readCatalog(folder, name, ratings().itemIds)),
  };
}

export async function* speed({ cases, model: wanted, seed, folder, peers }) {
  const sets = new Map();
  const setOf = (name) => {
    if (name !== undefined && !sets.has(name)) sets.set(name, dataOf(folder, name));
    return sets.get(name);
  };
  const server = await serve();
  let browser;
  try {
    browser = await launch();
    const machine = { browser: browser.product, cpu: cpus()[0]?.model ?? "", cores: cpus().length };
    for (const name of cases) {
      const began = performance.now();
      const page = await browser.page(`${server.url}/index.html`);
      const house = { browser, page, server, data: setOf(speedCases[name].data), model: wanted, seed, peers };
      const results = await watch(name, (tail) => measures[name]({ ...house, tail }));
      await page.close();
      const seconds = (performance.now() - began) / 1000;
      for (const { model, settings, values, more } of results)
        for (const [metric, value] of Object.entries(values))
          yield { case: name, model, metric, value, seconds, settings: { ...settings, ...machine }, ...more };
    }
  } finally {
    await browser?.close();
    server.close();
  }
}
