/** Kinds of models, their parameters, and trained versions. */
import type { Difference, Metrics } from "./evaluation.ts";

/** Parameters of `popularity`. */
export interface PopularityParams {
  /** How many average ratings an item is given in advance, 0 to 10,000. Default 10. */
  shrinkage?: number;
}

/** Parameters of `item-knn`. */
export interface ItemKnnParams {
  /** Most rated neighbours that an expected rating is made of, 1 to 1,000. Default 20. */
  neighbours?: number;
  /** Less alike than this is not alike, 0 to 1. Default 0.000001. */
  minSimilarity?: number;
  /** A similarity over n people counts n / (n + shrinkage), 0 to 1,000. Default 10. */
  shrinkage?: number;
  /** Average ratings given to each item in advance, for its mean, 0 to 1,000. Default 5. */
  damping?: number;
  /** How much a person's own strictness or mildness counts, as neighbours of this similarity, 0 to 100. Default 0.25. */
  leaning?: number;
  /** Most neighbours kept of each item, 1 to 100,000. Default 100. */
  kept?: number;
}

/** Parameters of `matrix-factorization`; each has a default that was chosen on validation data. */
export interface MatrixFactorizationParams {
  /** Length of the factor vectors, 1 to 512. Default 64. */
  factors?: number;
  /** Passes over the ratings, 1 to 1,000. Default 60. */
  epochs?: number;
  /** Step of gradient descent, above 0, up to 1. Default 0.02. */
  learningRate?: number;
  /** Weight of the squared norm, 0 to 10. Default 0.11. */
  regularization?: number;
  /** Weight of the squared norm on biases, 0 to 10. Default 0.02. */
  biasRegularization?: number;
  /** Factor the learning rate is multiplied by after each epoch, above 0, up to 1. Default 0.95. */
  learningRateDecay?: number;
  /** Whether people are described by what they rated, too, whatever the rating (SVD++). Default `"none"`. */
  history?: "none" | "people";
  /** Standard deviation of the first factors, 0 to 1. Default 0.2. */
  initScale?: number;
}

/** Parameters of `implicit-als`. */
export interface ImplicitAlsParams {
  /** Length of the factor vectors, 1 to 512. Default 64. */
  factors?: number;
  /** Rounds, in each of which all people are solved for and then all items, 1 to 200. Default 15. */
  epochs?: number;
  /** Weight of the squared norm of a row's factors, above 0, up to 1,000. Default 1.2. */
  regularization?: number;
  /** A liking of weight w counts 1 + alpha · w times what its absence counts; above 0, up to 1,000. Default 8. */
  alpha?: number;
  /** How strongly `regularization` grows with what is said of a row, 0 to 1. Default 0.5. */
  frequencyScaling?: number;
  /** What a liking weighs: 1, the rating's place on the scale, or ln(1 + rating) for counts. Default `"binary"`. */
  weighting?: "binary" | "linear" | "log";
  /** Lowest rating that says "liked", as a share of the scale, 0 (all) to 1. Default 0.75. */
  likedFrom?: number;
  /** Steps of conjugate gradient for each row and round, 1 to 512. Default 2. */
  steps?: number;
}

/** Parameters of `ease`. */
export interface EaseParams {
  /** λ / √people, above 0, up to 1,000. Default 10. */
  regularization?: number;
  /** Lowest rating that says "liked", as a share of the scale, 0 (all) to 1. Default 0.75. */
  likedFrom?: number;
  /** What having rated an item low counts, as a share of liking it, 0 to 1. Default 0.5. */
  seenWeight?: number;
  /** 0: who likes much decides; 1: all people have one vote. Default 0.5. */
  historyScaling?: number;
  /** Items that take part, most liked first, 2 to 20,000; learning needs 2 n² bytes. Default 8,000. */
  maxItems?: number;
  /** Weights kept for each item, 1 to 20,000. Default 512. */
  neighbours?: number;
}

/** Parameters of `factorization-machine`. */
export interface FactorizationMachineParams {
  /** Length of the factor vectors, 1 to 128. Default 16. */
  factors?: number;
  /** Sweeps over all parameters, 2 to 2,000. Default 160. */
  epochs?: number;
  /** Share of the sweeps before the first kept one, 0 to 0.9. Default 0.2. */
  burnIn?: number;
  /** Sweeps that are kept, 1 to 200. Default 40. */
  samples?: number;
  /** Whether people are described by what they rated, and items by who rated them. Default `"none"`. */
  history?: "none" | "people" | "both";
  /** Whether items are described by genres and years, too, where the catalog has them. Default `true`. */
  content?: boolean;
  /** Whether the circumstances of ratings count, where the data has them. Default `true`. */
  context?: boolean;
  /** How far the law of ratings is believed (power of the likelihood), above 0, up to 1. Default 0.9. */
  power?: number;
  /** Standard deviation of the first factors, 0 to 1. Default 0.1. */
  initScale?: number;
}

/** Parameters of `neural-cf`. */
export interface NeuralCfParams {
  /** Length of the factors whose products are weighed, 1 to 128. Default 32. */
  factors?: number;
  /** Length of the factors that go through the layers, 1 to 128. Default 16. */
  layerFactors?: number;
  /** Width of the first layer, 1 to 256; each next one is half as wide, and 4 at least. Default 16. */
  hidden?: number;
  /** Number of layers, 0 to 4. Default 2. */
  layers?: number;
  /** Passes over the people, 1 to 500. Default 24. */
  epochs?: number;
  /** Adam's step at the beginning, above 0, up to 1; it falls to three tenths of it. Default 0.003. */
  learningRate?: number;
  /** Weight of the squared norm of people's factors, above 0, up to 1,000. Default 2.9. */
  regularization?: number;
  /** The same for items, 0 to 1,000. Default 6. */
  itemRegularization?: number;
  /** Share of the learning rate that weights of layers shrink by in a step, 0 to 10. Default 0.1. */
  decay?: number;
  /** Draws of items nobody spoke of, for each step, 8 to 4,096. Default 256. */
  negatives?: number;
  /** Lowest rating that says "liked", as a share of the scale, 0 (all) to 1. Default 0.75. */
  likedFrom?: number;
}

/** Parameters of `random-forest`. */
export interface RandomForestParams {
  /** Trees, 1 to 1,000. Default 100. */
  trees?: number;
  /** Most splits between a root and a leaf, 0 to 64; 0 for as many as it takes. Default 0. */
  maxDepth?: number;
  /** Fewest different ratings in a leaf, 0 to 10,000; 0 for more of them where there are many ratings. Default 0. */
  minLeaf?: number;
  /** Fewest ratings to learn from at all, 2 to 100,000; with fewer the answer is `trained: false`. Default 10. */
  minSamples?: number;
  /** Share of the features that are tried at a split, 0 to 1; 0 for a third. Default 0. */
  maxFeatures?: number;
  /** Whether each tree learns from as many ratings as there are, drawn with replacement; else from all. Default `true`. */
  bootstrap?: boolean;
}

/** Parameters of `logistic-regression`. */
export interface LogisticRegressionParams {
  /** λ, the 1 / C of scikit-learn: above 0, up to 1,000,000. Default 1. The intercept is free. */
  regularization?: number;
  /** Squares shrink all weights; absolute values leave few of them. Default `"l2"`. */
  penalty?: "l2" | "l1";
  /** Whether likes and dislikes count the same, however many of each there are. Default `false`. */
  balanced?: boolean;
  /** Iterations at most, 1 to 10,000. Default 500. */
  maxIterations?: number;
  /** Settled when no weight, in standard deviations of its column, moves by more: above 0, up to 0.1. Default 0.00000001. */
  tolerance?: number;
  /** Whether chances are calibrated on ratings held out in turn, which costs five more fits. Default `true`. */
  calibrate?: boolean;
  /** Fewest ratings to learn from at all, 2 to 100,000; with fewer the answer is `trained: false`. Default 10. */
  minSamples?: number;
}

/** Parameters of `ensemble`. */
export interface EnsembleParams {
  /** Parts that are predicted by what was learned of the others, 2 to 10. Default 3. */
  folds?: number;
  /** Ratings by which weights are drawn to equal ones, 0 to 100,000. Default 50. */
  shrinkage?: number;
}

/** What becomes of which field: see docs/features.md. */
export interface FeatureSpec {
  features: ({ field: string; encode: string } & Record<string, unknown>)[];
  /** Pairs of fields whose columns are multiplied with each other. */
  cross?: [string, string][];
  /**
   * Which columns stay, 1 to 10,000 of each kind: those that vary more than `variance` (default 0); the
   * `mutualInformation` that say most of what is to be predicted; the `l1` that come first into a regression whose
   * penalty on absolute values is let off little by little; the `permutation` without which a forest errs most. The
   * last two look at up to 5,000 ratings.
   */
  select?: { variance?: number; mutualInformation?: number; l1?: number; permutation?: number };
  /**
   * What the clock of whoever rates is ahead of UTC, in minutes, −1,440 to 1,440: for `hour`, `weekday` and habits.
   * Default 0. Of this browser: `-new Date().getTimezoneOffset()`.
   */
  utcOffset?: number;
}

/** A model of features. */
export interface WithFeatures {
  /** A preset, or a spec of one's own. Default `"standard"`. */
  features?: "standard" | "classic" | "scoring" | FeatureSpec;
}

/** A condition on what is known of a rating; `score` is what was expected when the item was shown (`"impression"`). */
export type LabelRule =
  | { all: LabelRule[] }
  | { any: LabelRule[] }
  | { field: "rating" | "completion" | "score"; op: "<" | "<=" | "==" | "!=" | ">=" | ">"; value: number }
  | { field: "wouldWatchAgain"; is: boolean };

/** A model of likings. */
export interface WithLabel extends WithFeatures {
  /**
   * What counts as liked. Default: rated three quarters up the scale or more (4 of 5 stars), and not said to be enough for
   * once. A condition on something that was not said decides nothing.
   */
  label?: LabelRule;
}

/** What an ensemble is made of. */
export type EnsembleMember =
  | {
      /** Any model but an ensemble. */
      model: Exclude<ModelName, "ensemble">;
      /** Left out, one by one: the defaults. */
      params?: Record<string, unknown>;
    }
  | {
      /**
       * Id of a listed version, for its model and parameters: it is trained anew all the same, as weights come from
       * ratings that a member has not seen. The ensemble's own `params` keep these two and not the id.
       */
      version: string;
    };

/** Models as one. */
export interface WithMembers {
  /**
   * 1 to 8 models, by name or by version. Default `factorization-machine` and `random-forest`.
   *
   * Errors: `invalid-argument` at `params.members[i].model` or `.version` for an ensemble; `unknown-version` at
   * `params.members[i].version`; `unknown-option` for something beside `version`.
   */
  members?: EnsembleMember[];
}

/** Parameters by model. Ranges at run time: `taste.models.kinds()`. */
export interface ModelParams {
  popularity: PopularityParams;
  "item-knn": ItemKnnParams;
  "matrix-factorization": MatrixFactorizationParams;
  "implicit-als": ImplicitAlsParams;
  ease: EaseParams;
  "factorization-machine": FactorizationMachineParams;
  "neural-cf": NeuralCfParams;
  "random-forest": RandomForestParams & WithFeatures;
  "logistic-regression": LogisticRegressionParams & WithLabel;
  ensemble: EnsembleParams & WithMembers;
}

/** The names of models. */
export type ModelName = keyof ModelParams;

/** Parameters of any model. */
export type AnyParams = ModelParams[ModelName];

/** A value of a parameter, as JSON has it; objects and arrays for `features`, `label` and `members`. */
export type ParamValue = number | string | boolean | FeatureSpec | LabelRule | readonly EnsembleMember[];

/** One parameter: what it may be, and where a search draws it from. */
export type ParamInfo = {
  name: string;
  /** Absent where a search leaves it at its default. */
  search?: { scale: "linear" | "log"; from: number; to: number } | { scale: "any" };
} & (
  | {
      /** A whole number or a number from `min` to `max`; `"above"`: greater than `min`, up to `max`. */
      kind: "whole" | "number" | "above";
      min: number;
      max: number;
      default: number;
    }
  | { kind: "choice"; choices: string[]; default: string }
  | { kind: "flag"; default: boolean }
);

/** A kind of model that can be trained. */
export interface ModelKind {
  name: ModelName;
  /** What it is good at and what its validation curve shows: RMSE of ratings, or nDCG of lists. */
  aim: "ratings" | "lists";
  params: ParamInfo[];
}

/** A hyper-parameter configuration: plain JSON, checked by `taste.models.check()` against `taste.models.kinds()`. */
export interface ModelConfig<M extends ModelName = ModelName> {
  model: M;
  params?: ModelParams[M];
}

/** The best parameters a search found for the data that is here. */
export interface BestParams {
  model: ModelName;
  params: Record<string, ParamValue>;
  /** What they were compared by, and what they came to. */
  metric: "rmse" | "ndcg";
  value: number;
  /** How it was measured, how many were tried, and with which seed. */
  protocol: string;
  trials: number;
  seed: number;
  /** When, milliseconds since 1970. */
  at: number;
}

/** One epoch of a version's history. */
export interface EpochLog {
  epoch: number;
  loss: number;
  validation?: number;
}

/** What a model of features learned from, and how well. */
export interface FeatureReport {
  /** Every column there is, with its share of what the model goes by; all of them add up to 1. */
  columns: {
    field: string;
    part?: string;
    importance: number;
    /**
     * Of a forest of 30 ratings or more: by how much the mean squared error of ratings that trees have not seen rises
     * when the column's values are dealt out anew; of a small forest of up to 500 of them. Below 0 by chance.
     */
    permutation?: number;
    /**
     * Of a regression of as many: at which of 10 falling penalties on absolute values the column came in, 1 first; 0 for
     * never.
     */
    entered?: number;
  }[];
  /** Columns that were left out, because they are the same everywhere or say what another one says. */
  dropped: { field: string; part?: string }[];
  /** Numbers that lie far from the others: how many, the farthest, and what is usual. */
  outliers: { field: string; count: number; example: number; low: number; high: number }[];
  /** Figures of the learning itself, such as `rmse`, `rows`, `converged`. */
  fit: Record<string, number | boolean>;
}

/** A trained model as it is listed. */
export interface ModelVersion {
  id: string;
  label: string;
  model: ModelName;
  params: Record<string, ParamValue>;
  seed: number;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** Time spent in training, milliseconds. */
  trainingMs: number;
  /** Absent where nothing was held out. */
  metrics?: Metrics;
  /** The popularity model on the same held-out ratings. */
  baseline?: Metrics;
  history: EpochLog[];
  /** What it learned from; `feedback` counts ratings of this browser's own profiles, `label` is the data's own name. */
  data: { ratings: number; users: number; items: number; feedback?: number; label?: string };
  /** SHA-256 of the model's bytes. */
  hash: string;
  bytes: number;
  source: "trained" | "pack" | "imported";
  /** Id of the version its training went on from (see {@link TrainOptions}), which may be gone by now. */
  from?: string;
  /** Of `random-forest` and `logistic-regression`: what it goes by. */
  report?: FeatureReport;
  /** What the pack it came in says of itself; packs of earlier versions say nothing. */
  origin?: PackOrigin;
  active: boolean;
}

/** Where a pack comes from, in its own words. */
export interface PackOrigin {
  /** SHA-256 of the whole pack. */
  pack: string;
  /** Whose ratings it was made from, e.g. "simulated community". */
  label?: string;
  /** On which terms it may be used. */
  licence?: string;
  /** SHA-256 of the catalog it was made beside. */
  catalog?: string;
  /** Name and version of the program that made it. */
  createdBy?: string;
  /** How its numbers are written: `"f16"` has about three decimals. */
  precision?: "f32" | "f16";
}

/** How a pack is made. */
export interface ExportPackOptions {
  /** Ids of the versions it holds, at most 20; the first one serves first. Default: the active one. */
  versions?: string[];
  /** `"f16"` halves its size; scores then differ in the third decimal. Default `"f32"`. */
  precision?: "f32" | "f16";
  /** Whose ratings it was made from, at most 200 bytes. Default: the label of the data. */
  label?: string;
  /** On which terms it may be used, at most 50,000 bytes. */
  licence?: string;
}

/** Versions side by side. */
export interface Comparison {
  versions: ModelVersion[];
  /**
   * One row per metric, measured when each was trained; `best` is the index of the best version, or −1 where none has
   * it.
   */
  rows: { metric: keyof Metrics; values: (number | null)[]; best: number; higherIsBetter: boolean }[];
  /** False where the versions were measured on different data. */
  comparable: boolean;
  /** The latest `evaluate()` in which all of them were measured together, where there was one. */
  together?: {
    protocol: string;
    k: number;
    /** Milliseconds since 1970. */
    at: number;
    /** `differences[i]` is version i minus the best one, with `real: true` where that is more than chance. */
    rows: {
      metric: keyof Metrics;
      values: number[];
      best: number;
      higherIsBetter: boolean;
      differences: (Difference | null)[];
    }[];
  };
}
