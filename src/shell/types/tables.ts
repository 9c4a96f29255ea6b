/** Models of one's own numbers: rows and targets in, predictions and explanations out. */
import type { LogisticRegressionParams, RandomForestParams } from "./models.ts";

/** Parameters of a forest of one's own numbers: those of `random-forest`, with rows and columns for ratings and features. */
export interface ForestTableParams extends Omit<RandomForestParams, "minLeaf" | "maxFeatures"> {
  /** Fewest different rows in a leaf, 0 to 10,000; 0 is the same as 1. Default 1. */
  minLeaf?: number;
  /** Share of the columns that are tried at a split, 0 to 1, rounded down, at least one; 0 is all, too. Default 1. */
  maxFeatures?: number;
}

/** Parameters of a logistic regression of one's own numbers: those of `logistic-regression`, with rows for ratings. */
export type RegressionTableParams = LogisticRegressionParams;

/** Parameters by model. */
export interface TableParams {
  "random-forest": ForestTableParams;
  "logistic-regression": RegressionTableParams;
}

/** Models that learn from one's own numbers. */
export type TableModelName = keyof TableParams;

/** What is learned from, and how. Numbers are copied; missing ones have to be filled in before. */
export type TableOptions<M extends TableModelName = TableModelName> = {
  model: M;
  /** Left out: the defaults. */
  params?: TableParams[M];
  /** Draws follow from it: the same numbers and seed give the same model. 0 to 2^53 − 1. Default: drawn at random. */
  seed?: number;
  /** Names of the columns, each once, or how many there are (then they are named "0", "1", …). 1 to 65,534. */
  columns: readonly string[] | number;
  /** Finite numbers, row after row, a number for each column; at most 100,000,000 in all. */
  rows: Float32Array;
  /** A finite number for each row; 0 or 1 for a regression and for a forest that classifies. */
  target: Float32Array;
  signal?: AbortSignal;
  /** Is told the share that is done, 0 to 1, some times a second. */
  onProgress?: (fraction: number) => void;
} & (M extends "random-forest"
  ? {
      /** Numbers, or the chance of 1 where targets are 0 and 1. Default `"regression"`. */
      task?: "regression" | "classification";
    }
  : { task?: never });

/** Too little to learn from: an answer, not an exception. */
export interface TableNotTrained {
  trained: false;
  /** Fewer rows than `minSamples`, or targets that are all 0 or all 1 where classes are told apart. */
  reason: "not-enough-rows" | "one-class";
  message: string;
}

/** What every report says. */
interface TableReportBase<M extends TableModelName> {
  /** With defaults filled in. */
  params: Required<TableParams[M]>;
  seed: number;
  /** Rows that were learned from. */
  rows: number;
  /**
   * How much each column matters, in their order: shares that sum to 1, or are all 0. Of a forest what splits by it took
   * off the squared error, which favours columns of many values; of a regression |coefficient| times the column's
   * standard deviation.
   */
  importance: { column: string; importance: number }[];
}

/** What a forest says of itself. */
export interface ForestTableReport extends TableReportBase<"random-forest"> {
  task: "regression" | "classification";
  /** How good it is with rows that its trees have not seen; absent without `bootstrap`. */
  outOfBag?: {
    /** Rows that at least one tree had not seen. */
    rows: number;
    /** Root of the mean squared error; of classes, of the Brier score. */
    rmse: number;
    /** Share of the targets' variance that is explained, at most 1. */
    r2: number;
    /** Of classes: the share on the right side of one half. */
    accuracy?: number;
  };
  /** Nodes of all trees; each takes 16 bytes. */
  nodes: number;
}

/** What a regression says of itself. */
export interface RegressionTableReport extends TableReportBase<"logistic-regression"> {
  /** Rows whose target is 1. */
  positives: number;
  /** In log odds per unit of the column; without an error where the penalty `"l1"` left the column out. */
  coefficients: { column: string; coefficient: number; standardError?: number }[];
  /** Log odds where all columns are 0, and its standard error. */
  intercept: number;
  interceptError: number;
  iterations: number;
  /** False where `maxIterations` ended it. */
  converged: boolean;
  /** What was minimised, penalty included, per row. */
  loss: number;
  /** What calibration did; absent where it was not asked for, or a class has fewer than five rows. */
  calibration?: {
    /** The form of the curve from log odds to probabilities. */
    kind: "sigmoid" | "isotonic";
    /** Whether predictions go through it: where it lowers the log loss. */
    kept: boolean;
    /** Rows that were held out. */
    rows: number;
    /** Expected calibration error without it and with it: the mean distance of what is said to what happens, 0 to 1. */
    errorBefore: number;
    errorAfter: number;
    /** Mean log loss without it and with it. */
    lossBefore: number;
    lossAfter: number;
  };
}

/** Reports by model. */
export interface TableReports {
  "random-forest": ForestTableReport;
  "logistic-regression": RegressionTableReport;
}

/** How a prediction comes about. */
export interface TableExplanation {
  /** Where no column is told: the mean over the rows learned from; of a regression the log odds at the columns' means. */
  base: number;
  /**
   * What each column adds, in their order. Of a forest Shapley values (TreeSHAP): with the base they sum to the
   * prediction. Of a regression log odds: with the base they sum to the decision before calibration.
   */
  contributions: number[];
  /** As `predict()` has it. */
  prediction: number;
}

/** A model of one's own numbers, kept by the engine until `close()`. */
export interface TableModel<M extends TableModelName = TableModelName> {
  readonly trained: true;
  readonly model: M;
  readonly report: TableReports[M];
  /** What is expected of each row (row after row, as in training): a number, or the chance of 1, 0 to 1. */
  predict(rows: Float32Array): Promise<Float64Array>;
  /** How the prediction of one row comes about. */
  explain(row: Float32Array): Promise<TableExplanation>;
  /** Lets go of it; calls after this reject with `closed`. */
  close(): Promise<void>;
}
