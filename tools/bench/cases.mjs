/** What can be measured. */

/**
 * `how` is the protocol: `evaluate` holds out what `test` names (folds in turn, the publisher's split "u1", or, with
 * fold 0 taken away, a part of the rest: "validation", on which settings are chosen), `parity` compares predictions,
 * `newcomers` are people the model has not met, `curve` is one person's own ratings, more and more of them, `tables` are
 * five folds of numbers beside scikit-learn (`peer`). `takes` names those of the figures that the protocol is about, where not
 * all are. `only` are the models a case is for, `model` the one it is about where none is named, `beside` what is measured
 * with it, `of` a model where that is another one.
 */
export const accuracyCases = {
  "ml-100k/P1.0": { data: "ml-100k", how: "evaluate", test: [0] },
  "ml-100k/P1": { data: "ml-100k", how: "evaluate", test: [0, 1, 2, 3, 4] },
  "ml-100k/P2": { data: "ml-100k", how: "evaluate", test: ["u1"] },
  "ml-100k/P3": { data: "ml-100k", how: "evaluate", test: [0] },
  "ml-100k/P5.0": { data: "ml-100k", how: "evaluate", test: [0], takes: "rated" },
  "ml-100k/V": { data: "ml-100k", how: "evaluate", test: ["validation"] },
  "ml-100k/P6": { data: "ml-100k", how: "newcomers" },
  "ml-latest-small/P1.0": {
    ...{ data: "ml-latest-small", how: "evaluate", test: [0] },
    // The best of its members, as it is by itself.
    beside: [{ of: "ensemble", model: "factorization-machine" }],
  },
  "ml-latest-small/P1": { data: "ml-latest-small", how: "evaluate", test: [0, 1, 2, 3, 4] },
  "ml-latest-small/P3": { data: "ml-latest-small", how: "evaluate", test: [0] },
  "ml-latest-small/P5.0": { data: "ml-latest-small", how: "evaluate", test: [0], takes: "rated" },
  "ml-latest-small/V": { data: "ml-latest-small", how: "evaluate", test: ["validation"] },
  "ml-latest-small/P6": { data: "ml-latest-small", how: "newcomers" },
  "depaulmovie/P1": {
    ...{ data: "depaulmovie", how: "evaluate", test: [0, 1, 2, 3, 4], model: "factorization-machine" },
    beside: [{ model: "factorization-machine", params: { context: false }, name: "without context" }],
  },
  "ml-latest-small-2016/P4": { data: "ml-latest-small-2016", how: "parity", only: ["item-knn"] },
  "ml-1m/P1.0": { data: "ml-1m", how: "evaluate", test: [0] },
  "ml-1m/P3": { data: "ml-1m", how: "evaluate", test: [0] },
  "ml-1m/P5.0": { data: "ml-1m", how: "evaluate", test: [0], takes: "rated" },
  "ml-1m/V": { data: "ml-1m", how: "evaluate", test: ["validation"] },
  "ml-1m/P6": { data: "ml-1m", how: "newcomers" },
  "learning-curve": { data: "ml-1m", how: "curve", model: "random-forest" },
  "tables/diabetes": { how: "tables", model: "random-forest", only: ["random-forest"], peer: true },
  "tables/houses": { how: "tables", model: "random-forest", only: ["random-forest"], peer: true },
  "tables/films": {
    data: "ml-latest-small",
    how: "tables",
    model: "random-forest",
    only: ["random-forest"],
    peer: true,
  },
};

/**
 * The data set a case of `speed` needs, or none; `peer` where there is something to be measured beside; `models` where it
 * can be told which model to measure.
 */
export const speedCases = {
  "mf-sgd": { data: "ml-1m", peer: true },
  als: { data: "ml-1m", peer: true },
  ease: { data: "ml-1m", peer: true },
  fm: { data: "ml-100k", peer: true },
  ncf: { data: "ml-100k", peer: true },
  forest: { peer: true },
  page: { data: "ml-1m", models: true },
  live: {},
  recommend: { data: "ml-1m" },
  import: { data: "ml-1m" },
};
