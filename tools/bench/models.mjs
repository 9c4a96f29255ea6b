/**
 * The models, and their parameters where the defaults are not what is wanted. A setting was chosen on a split of the
 * *training* part of its case, never on the test fold; `why` says how.
 */

/** Public names, plainest first; a test holds them against the package. */
export const models = [
  "popularity",
  "item-knn",
  "matrix-factorization",
  "factorization-machine",
  "implicit-als",
  "ease",
  "neural-cf",
  "random-forest",
  "logistic-regression",
  "ensemble",
];

/** What is measured of a model where no case is named and the usual ones would not do. */
export const defaultCases = {
  // Its members are trained four times over, and the best of them once more beside: the larger sets take long.
  ensemble: ["ml-latest-small/P1.0"],
};

const settings = {
  "factorization-machine": {
    ...Object.fromEntries(
      ["ml-100k", "ml-latest-small", "ml-1m"].map((data) => [
        `${data}/P1.0`,
        { params: { content: false }, why: "ids alone, as in the anchors; the defaults' own figure is P5.0's" },
      ]),
    ),
    "ml-100k/P2": {
      params: { history: "both" },
      why: "the model with implicit history and side information; nothing else differs from the defaults",
    },
  },
  "item-knn": {
    "ml-latest-small-2016/P4": {
      params: { neighbours: 20, minSimilarity: 1e-6, shrinkage: 0, damping: 0, leaning: 0, kept: 100_000 },
      why: "LensKit's own settings: parity is wanted, not accuracy",
    },
  },
};

/** What a model is trained with in a case: as asked, else the documented setting, else the defaults. */
export const paramsFor = (model, name, asked) => asked ?? settings[model]?.[name]?.params;

/** All documented settings, for the document. */
export const documented = () =>
  Object.entries(settings).flatMap(([model, cases]) =>
    Object.entries(cases).map(([name, { params, why }]) => ({ model, case: name, params, why })),
  );
