/** Whether more feedback would help, and how fast this device answers. */
import type { Warning } from "./basics.ts";
import type { InteractionColumns } from "./data.ts";
import type { ComparedMetric } from "./evaluation.ts";
import type { AnyParams, ModelName } from "./models.ts";
import type { Split } from "./training.ts";

/** Which model's curve, and how it is measured. */
export interface LearningCurveOptions {
  model: ModelName;
  /** Left out: the defaults. `"best"`: what `taste.search()` found for this model on the data that is here. */
  params?: AnyParams | "best";
  /**
   * Shares of the training ratings, two to twenty different ones, each above 0, up to 1, in any order. Default
   * `[0.1, 0.3, 1]`. The smaller ones are parts of the larger ones. Lists leave out what was rated, whatever the share.
   */
  shares?: number[];
  /** The figure the curve is of. Default `"rmse"`. */
  metric?: ComparedMetric;
  /** What is held out, the same for all shares. Default `{ split: "random", fraction: 0.2 }`. */
  protocol?: Exclude<Split, { split: "none" }> | { split: "k-fold"; folds?: number };
  /** Held-out ratings of your own in place of `protocol`; shares are then of all ratings that are here. */
  test?: InteractionColumns;
  /** Length of lists, 1 to 1,000. Default 10. */
  k?: number;
  /** Split, shares and trainings follow from it. A whole number from 0 to 2^53 − 1. Default: drawn at random. */
  seed?: number;
  signal?: AbortSignal;
}

/** One report from measuring a learning curve. */
export interface LearningCurveProgress {
  /** Share of the whole work done, 0 to 1. */
  fraction: number;
}

/** What a model comes to that learned from a share of the ratings. */
export interface LearningCurvePoint {
  share: number;
  /** Ratings learned from; of folds, their mean. */
  ratings: number;
  /** The figure on the held-out ratings. */
  value: number;
  /** Its 95 % interval (bootstrap); `null` where there is none, as for lists of one person. */
  low: number | null;
  high: number | null;
}

/** What one share more has changed, on the same held-out ratings. */
export interface LearningCurveStep {
  /** Shares. */
  from: number;
  to: number;
  /** The figure at `to` minus that at `from`. Of folds it is drawn from all at once: close to that of the points. */
  difference: number;
  /** Its 95 % interval (paired bootstrap); `null` where there is none. */
  low: number | null;
  high: number | null;
  /** True where the interval does not hold 0, and there are six people (or ratings of one alone) or more to tell. */
  real: boolean;
}

/** A figure by how much was learned from: a point for each share, in ascending order. */
export interface LearningCurve {
  measured: true;
  model: ModelName;
  metric: ComparedMetric;
  higherIsBetter: boolean;
  points: LearningCurvePoint[];
  /** One less than there are points. */
  steps: LearningCurveStep[];
  /**
   * Whether more feedback helps, by the last step: `"yes"` where it made the figure better by more than chance; `"no"`
   * where it made it worse by more than chance, or where its interval rules out that it made it better by 1 % or more;
   * else `"unclear"`.
   */
  helps: "yes" | "no" | "unclear";
  /** What was held out, in words. */
  protocol: string;
  seed: number;
  /** For example `share-too-small`: that share is not among the points. */
  warnings: Warning[];
}

/** Too little is here for a curve: an answer, not an exception. */
export interface NoLearningCurve {
  measured: false;
  reason: "not-enough-ratings" | "one-user" | "one-item" | "one-class";
  /** For people. */
  message: string;
}

/** What is timed, and how often. */
export interface BenchmarkOptions {
  /** Length of the list that is asked for, 1 to 1,000. Default 10. */
  k?: number;
  /** How often each is timed, 5 to 1,000. Default 50. */
  repeats?: number;
  signal?: AbortSignal;
}

/**
 * Milliseconds of one call. Clocks of browsers are coarse: calls are repeated until two milliseconds have passed, and
 * each of them counts as the mean.
 */
export interface Timing {
  median: number;
  /** One in twenty took longer. */
  p95: number;
}

/** How long the engine takes for one answer on this device, without the way to its worker and back. */
export interface Benchmark {
  /** The version that serves. */
  version: string;
  model: ModelName;
  /** Items of the catalog. */
  items: number;
  k: number;
  repeats: number;
  /** A list of `k` items for `"me"`. */
  recommend: Timing;
  /** The expected rating of one item. */
  predict: Timing;
  /** A new rating learned from, up to where a list can be made. Done to a copy of the person that is dropped. */
  foldIn: Timing;
}
