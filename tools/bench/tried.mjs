/**
 * What the settings of a model are worth, measured where defaults are chosen: on a part of the training part of fold 0
 * (cases `V`), which no other case measures on. Each line differs from the defaults in what it names.
 */
export const tried = {
  "item-knn": [
    {},
    { neighbours: 10 },
    { neighbours: 40 },
    { shrinkage: 0 },
    { shrinkage: 50 },
    { damping: 0 },
    { leaning: 0 },
    { leaning: 1 },
  ],
  "matrix-factorization": [{}, { history: "people" }],
  "factorization-machine": [
    {},
    { factors: 8 },
    { factors: 24 },
    { power: 1 },
    { power: 0.75 },
    { epochs: 80 },
    { history: "people" },
    { history: "both" },
    { content: false },
    { history: "both", content: false },
  ],
  "implicit-als": [
    {},
    { factors: 32 },
    { factors: 128 },
    { regularization: 0.6 },
    { regularization: 2.4 },
    { alpha: 4 },
    { alpha: 16 },
    { frequencyScaling: 0, regularization: 20, alpha: 2 },
    { likedFrom: 0 },
  ],
  ease: [
    {},
    { regularization: 5 },
    { regularization: 20 },
    { seenWeight: 0 },
    { historyScaling: 0 },
    { seenWeight: 0, historyScaling: 0 },
    { likedFrom: 0 },
    { neighbours: 128 },
  ],
  "neural-cf": [
    {},
    { layers: 0 },
    { factors: 16 },
    { negatives: 64 },
    { regularization: 1.5 },
    { regularization: 5.8 },
  ],
};
