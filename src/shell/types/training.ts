/** Training: what is asked, what is reported, what comes of it. */
import type { TasteprintError } from "../errors.ts";
import type { AnyParams, ModelName, ModelParams, ModelVersion, ParamValue } from "./models.ts";

/** How the ratings are split before training. */
export type Split =
  | { split: "none" }
  | { split: "random"; fraction?: number }
  | { split: "time"; fraction?: number }
  | { split: "leave-last"; n?: number };

/** What to train: a model, a version to go on from, or both. */
export type TrainOptions = TrainSettings & ({ model: ModelName; from?: string } | { model?: ModelName; from: string });

/** What can be said of a training, whatever is trained. */
export interface TrainSettings {
  /** Default: the model of the version `from`. */
  model?: ModelName;
  /**
   * Left out: the defaults, or with `from`, one by one, those of that version. `"best"`: what `taste.search()` found for
   * this model on the data that is here.
   */
  params?: AnyParams | "best";
  /**
   * Id of a version to go on from: what it knows of the items and people of the data that is here, by their ids, takes
   * the place of chance. When the data has grown, a third of the epochs come to about what training anew comes to (on
   * ml-latest-small within 1 %; `neural-cf` 2 to 4 % below it in nDCG).
   * The version stays as it is. Default: begin anew.
   *
   * The figures of the new version may be too good: what is held out now can be what that version learned from.
   * `taste.evaluate()` trains anew and compares fairly.
   *
   * Errors: `unknown-version`; `invalid-argument` for a version of another model, other lengths of factors or layers, or
   * one of this browser's own feedback where a community's ratings are learned from; `unsupported` for models that are
   * solved for at once (`popularity`, `item-knn`, `ease`: training anew costs as much) and for a `factorization-machine`
   * with `history`.
   */
  from?: string;
  /** Held-out ratings for the validation curve and early stopping. Default `{ split: "random", fraction: 0.1 }`. */
  validation?: Split;
  /** Epochs without improvement before training stops; 0 never stops early. Default 3. */
  patience?: number;
  /** Any integer from 0 to 2^53 − 1. Default: drawn at random and written into the version. */
  seed?: number;
  /** Serve from the new version at once. Default `true`. */
  activate?: boolean;
  /** Name shown in lists. */
  label?: string;
  /**
   * Go on with this training where it was cut off (`taste.status()` tells); without a checkpoint it begins. Default
   * `false`: begin, and drop any checkpoint.
   */
  resume?: boolean;
  signal?: AbortSignal;
}

/** A training that was cut off and can be gone on with. Written about every five seconds, between two epochs. */
export interface Checkpoint {
  model: ModelName;
  params: Record<string, ParamValue>;
  seed: number;
  /** Epochs done. */
  epoch: number;
  epochs: number;
  /** When it was written, milliseconds since 1970. */
  at: number;
}

/** One report from training. */
export interface TrainProgress {
  phase: "preparing" | "training" | "evaluating" | "saving";
  /** Epochs done. */
  epoch: number;
  epochs: number;
  /** Share of the whole work done, 0 to 1. */
  fraction: number;
  /** What the model minimises, on the training ratings of this epoch (RMSE for models of ratings); absent before the first. */
  loss?: number;
  /** On held-out ratings, RMSE or for models of lists nDCG; absent without a validation split. */
  validation?: number;
  /** Expected milliseconds to the end. */
  etaMs?: number;
}

/** Asynchronous iterator over progress, and a promise for the result. */
export interface Run<Progress, Result> extends AsyncIterable<Progress> {
  readonly done: Promise<Result>;
  /** Stops the work; `done` rejects with `AbortError` and nothing is half-done. */
  abort(): void;
}

/** What training said when it could not train: too few ratings is an answer, not an exception. */
export interface NotTrained {
  trained: false;
  reason: "not-enough-ratings" | "one-user" | "one-item";
  message: string;
}

export type TrainResult = (ModelVersion & { trained: true }) | NotTrained;

/** Several models, one after another. */
export interface RetrainOptions {
  /** Names, or configurations. Default: every kind there is, with the best known parameters or else the defaults. */
  models?: (ModelName | { model: ModelName; params?: AnyParams | "best"; label?: string })[];
  /** See {@link TrainOptions}; the same for all, with the same seed, so that they are measured on the same ratings. */
  validation?: Split;
  patience?: number;
  seed?: number;
  /** Serve from the best of them, or leave what serves. Default `"best"`, without held-out ratings `false`. */
  activate?: "best" | false;
  /** What is best: the highest nDCG or the lowest RMSE on the held-out ratings. Default `"ndcg"`. */
  metric?: "ndcg" | "rmse";
  signal?: AbortSignal;
}

/** One report from training several models. `fraction` and `etaMs` are those of the model under way. */
export interface RetrainProgress extends TrainProgress {
  model: ModelName;
  /** Which of them, from 1. */
  index: number;
  of: number;
}

/** A model that could not be trained; the others are not lost. */
export interface TrainingFailed {
  trained: false;
  reason: "failed";
  message: string;
  error: TasteprintError;
}

/** What came of each model, in the order asked for. */
export type RetrainResult = (TrainResult | TrainingFailed) & { model: ModelName };

/** A search for good parameters. */
export interface SearchOptions<M extends ModelName = ModelName> {
  model: M;
  /** Parameters that stay as they are given; all others are drawn from the ranges in `taste.models.kinds()`. */
  params?: ModelParams[M];
  /** How many sets of parameters are tried, 1 to 200; the first are the defaults. Default 16. */
  trials?: number;
  /** Milliseconds after which no more is tried; the first is measured in any case. Default: no limit. */
  timeBudgetMs?: number;
  /** What they are compared by. Default: `"rmse"` for models of ratings, `"ndcg"` (at 10) for models of lists. */
  metric?: "rmse" | "ndcg";
  /** What is held out of the data that is here. Default `{ split: "random", fraction: 0.2 }`. */
  protocol?: Exclude<Split, { split: "none" }>;
  /** Epochs without improvement before a trial stops; 0 never stops early. Default 3. */
  patience?: number;
  /** Draws, split and trainings follow from it. Any integer from 0 to 2^53 − 1. Default: drawn at random. */
  seed?: number;
  signal?: AbortSignal;
}

/** One report from a search. */
export interface SearchProgress<M extends ModelName = ModelName> {
  /** The trial under way, from 1. With epochs, the better ones come several times: successive halving. */
  trial: number;
  of: number;
  /** Epochs it has learned, and those after which it is measured. */
  epoch: number;
  epochs: number;
  /** Share of the whole work done, 0 to 1. */
  fraction: number;
  elapsedMs: number;
  /** The best so far; absent before the first is measured. */
  best?: { trial: number; params: Required<ModelParams[M]>; value: number };
}

/** What a search found. Remembered for the data that is here: `taste.models.best()`, `params: "best"`. */
export interface SearchResult<M extends ModelName = ModelName> {
  model: M;
  metric: "rmse" | "ndcg";
  /** What was held out, in words. */
  protocol: string;
  seed: number;
  best: { trial: number; params: Required<ModelParams[M]>; value: number };
  /** In the order they were drawn; `value` is absent where a trial never came to be measured or failed (`error`). */
  trials: { params: Required<ModelParams[M]>; value?: number; epochs: number; error?: string }[];
  /** True where time was up before all had their turn. */
  stopped: boolean;
  tookMs: number;
}
