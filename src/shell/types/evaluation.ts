/** Figures, and how they are come by. */
import type { Warning } from "./basics.ts";
import type { InteractionColumns } from "./data.ts";
import type { AnyParams, ModelName } from "./models.ts";
import type { Split } from "./training.ts";

/** Quality of a model on held-out ratings. Every figure's formula stands in docs of `eval`. */
export interface Metrics {
  rmse: number;
  mae: number;
  precision: number;
  recall: number;
  ndcg: number;
  /** Mean average precision, mean reciprocal rank, share of people with a relevant item in their list. */
  map: number;
  mrr: number;
  hitRate: number;
  /** How often a relevant held-out item stands above another unseen one. */
  auc: number;
  /** Precision and recall where only held-out items are ranked and recommended from two thirds up the scale. */
  ratedPrecision: number;
  ratedRecall: number;
  coverage: number;
  /** 0 where every item is shown equally often, 1 where one takes all places. */
  gini?: number;
  /** Share of places taken by items outside of the few that hold half of the ratings. */
  tailShare?: number;
  /** Mean self-information of a list, in bits. */
  novelty?: number;
  /** 1 − mean similarity within a list. */
  diversity?: number;
  /** Of the probability that a rating is relevant: mean log loss and expected calibration error. */
  logLoss?: number;
  ece?: number;
  /** Share of held-out ratings inside their 90 % interval. */
  coverage90?: number;
  /** Length of the lists the ranking metrics looked at. */
  k: number;
  /** Held-out ratings, and people with at least one relevant item. */
  ratings: number;
  users: number;
}

/** A model to measure, beside listed versions. */
export interface EvaluateModel {
  /** Name in the report. Default: the model's. */
  name?: string;
  model: ModelName;
  params?: AnyParams | "best";
  /**
   * Share of the training ratings it learns from, above 0, up to 1: drawn by the seed, the smaller share part of the
   * larger one, and the same ratings held out for all. A share that is too little to learn from is left out of the
   * report, with a warning (`share-too-small`). Default 1.
   */
  share?: number;
}

export interface EvaluateOptions {
  /** Version ids; default: the active one, unless `models` are given. */
  versions?: string[];
  models?: EvaluateModel[];
  /** Default `{ split: "random", fraction: 0.2 }`. The models are trained anew on the remaining part. */
  protocol?: Split | { split: "k-fold"; folds?: number };
  /** Held-out ratings of your own in place of `protocol`; the models then learn from all the others. */
  test?: InteractionColumns;
  /** Measure `item-knn`, too, at the end of the report, where it is not asked for. Default `true`. */
  baselines?: boolean;
  onProgress?: (fraction: number) => void;
  /** List length, 1 to 1,000. Default 10. */
  k?: number;
  seed?: number;
  signal?: AbortSignal;
}

/**
 * The middle 95 % of a thousand drawings of the people measured (bootstrap). Where one person is measured alone, their
 * ratings are drawn, and figures of lists have no interval.
 */
export interface Interval {
  low: number;
  high: number;
}

/** One model's figure minus another's, on the same people, with its 95 % interval (paired bootstrap). */
export interface Difference extends Interval {
  difference: number;
  /** How likely a difference at least as large is where there is none. Not corrected for many comparisons. */
  p: number;
  /** True where the interval does not hold 0, and there are six people (or ratings of one alone) or more to tell. */
  real: boolean;
}

/** Figures by which models are compared. */
export type ComparedMetric =
  | "rmse"
  | "mae"
  | "ndcg"
  | "precision"
  | "recall"
  | "map"
  | "mrr"
  | "hitRate"
  | "auc"
  | "ratedPrecision"
  | "ratedRecall"
  | "logLoss";

/** Figures of a part of the people or of the catalog; absent where nobody in it has them. */
export interface Segment {
  /**
   * People with fewer than 10 training ratings (`new`), and of the others the half with fewer (`light`) and with more
   * (`heavy`); items that hold half of the ratings (`popular`), and all others (`tail`).
   */
  name: "new" | "light" | "heavy" | "popular" | "tail";
  /** People behind the ranking figures, and held-out ratings. */
  users: number;
  ratings: number;
  rmse?: number;
  recall?: number;
  ndcg?: number;
}

/** One model of a report. */
export interface EvaluationRow {
  name: string;
  version?: string;
  model: ModelName;
  /** Share of the training ratings it learned from, and how many these are (of folds, their mean). */
  share: number;
  learnedFrom: number;
  metrics: Metrics;
  intervals: Partial<Record<keyof Metrics, Interval>>;
  /** All five, in the order of {@link Segment}. */
  segments: Segment[];
  /** Of "this rating is relevant", by tenth: how many were said, the mean probability, and the share that came true. */
  reliability: { events: number; said: number; happened: number }[];
  /** Empty for `popularity` itself. */
  againstPopularity: Partial<Record<ComparedMetric, Difference>>;
  /** Against the row that is best in a figure; that row itself has none. */
  againstBest: Partial<Record<ComparedMetric, Difference & { row: number }>>;
  /** Against the row of the same model and parameters that learned from the next smaller share; empty without one. */
  againstLess: Partial<Record<ComparedMetric, Difference & { row: number }>>;
}

/** Ready to plot: a row per model, `popularity` always the first unless it was asked for elsewhere. */
export interface EvaluationReport {
  protocol: string;
  k: number;
  seed: number;
  rows: EvaluationRow[];
  /** A value per row, `NaN` where a row has none; `low` and `high` where there are intervals. */
  series: { name: string; label: string; values: number[]; low?: number[]; high?: number[] }[];
  labels: string[];
  /** How listed versions differ: the first's figure minus the second's. */
  pairs: { a: string; b: string; figures: Partial<Record<ComparedMetric, Difference>> }[];
  warnings: Warning[];
}
