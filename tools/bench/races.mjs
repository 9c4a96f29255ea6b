/**
 * Whole trainings in Chromium beside a native peer that does the same work on one thread: same ratings, same size of
 * model, same number of rounds. Turn by turn, so that a busy minute of the machine costs both alike; the first turn is a
 * warm-up. `times-peer` is our median over the peer's.
 */
import { median, quantile, round } from "./output.mjs";
import { peerOf } from "./peer.mjs";
import { publishColumns } from "./serve.mjs";

export const shown = (times) => times.map((ms) => round(ms, 1));

const races = {
  als: {
    model: "implicit-als",
    params: { factors: 64, epochs: 15, steps: 3, likedFrom: 0 },
    what: "ml-1m P1 fold 0, training part; every rating is a liking",
    limit: 1.5,
    // Its conjugate gradient makes three steps a row, too.
    peers: { implicit: (seed) => ({ factors: 64, iterations: 15, regularization: 0.01, random_state: seed }) },
  },
  ease: {
    model: "ease",
    params: { likedFrom: 0 },
    what: "ml-1m P1 fold 0, training part; every rating is a liking",
    limit: 2,
    peers: { numpy: () => ({ regularization: 500, dtype: "float32" }) },
  },
  fm: {
    model: "factorization-machine",
    params: { factors: 8, epochs: 100 },
    what: "ml-100k P1 fold 0, training part; ids alone",
    limit: 1,
    peers: { myfm: (seed) => ({ rank: 8, n_iter: 100, random_seed: seed }) },
  },
};

const rounds = 5;

async function race({ model, params, what, limit, peers }, { page, server, train, seed, peers: wanted, tail }) {
  publishColumns(server, train);
  tail("reading the ratings");
  const { ratings } = await page.run("/page.js", "load");
  const [[id, peerParams]] = Object.entries(peers);
  const peer = wanted ? await peerOf(id, train) : undefined;
  const ours = [];
  const theirs = [];
  try {
    for (let turn = 0; turn <= rounds; turn++) {
      tail(`round ${turn} of ${rounds}`);
      ours.push(await page.run("/page-models.js", "train", { model, params, seed }));
      if (peer) theirs.push(await peer.fit(peerParams(seed)));
    }
  } finally {
    peer?.close();
  }
  for (const list of [ours, theirs]) list.shift();
  const times = ours.map(({ ms }) => ms);
  const whole = median(ours.map((run) => run.whole));
  const settings = {
    ...{ data: what, ratings, params, rounds, seed, unit: "ms" },
    measured: "a whole training in the worker, setting up included; whole: until it is stored",
    ms: shown(times),
  };
  const values = { median: median(times), p95: quantile(times, 0.95), whole };
  if (!peer) return [{ model, settings, values }];
  const ratio = median(times) / median(theirs);
  const told = { ...settings, peer: { ...peer.about, params: peerParams(seed), ms: shown(theirs) } };
  return [
    {
      model,
      settings: { ...told, limit, wholeOverPeer: round(whole / median(theirs), 3) },
      values: { ...values, "times-peer": ratio },
    },
    {
      model: id,
      settings: { ...peer.about, data: what, params: peerParams(seed), rounds, seed, unit: "ms", measured: "fit()" },
      values: { median: median(theirs), p95: quantile(theirs, 0.95) },
    },
  ];
}

/** A measure for each race, as `speed` takes them. */
export const raceMeasures = Object.fromEntries(
  Object.entries(races).map(([name, spec]) => [
    name,
    ({ data, ...house }) => race(spec, { ...house, train: data.train() }),
  ]),
);
