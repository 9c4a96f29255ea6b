/**
 * The public vocabulary of tasteprint. Hand-written: what stands here is what users see.
 * Units, ranges and defaults are on each field.
 */

/** An id as the site knows it: any non-empty string up to 1,024 UTF-8 bytes, in Unicode NFC. */
export type Id = string;

/** One film, series or other thing that can be recommended. Unknown extra fields are kept, not used. */
export interface CatalogItem {
  id: Id;
  /** Shown to people. */
  title: string;
  /** For example `"movie"` or `"series"`. */
  type?: string;
  genres?: string[];
  /** Year of release. */
  year?: number;
  /** Running time in minutes. */
  duration?: number;
  tags?: string[];
  people?: string[];
  description?: string;
  /** When the item came into the catalog, milliseconds since 1970. */
  addedAt?: number;
  /** Site's own measure of popularity, ≥ 0. */
  popularity?: number;
  /** Site's own preference, any finite number. */
  editorial?: number;
  [extra: string]: unknown;
}

/** The rating scale. Default `{ min: 0.5, max: 5, step: 0.5 }`, or that of the pack or imported data. */
export interface Scale {
  min: number;
  max: number;
  /** Smallest difference between two ratings; `0` for a continuous scale. */
  step: number;
}

/** What somebody was in the mood for, with whom, for how long; sites may declare more keys. */
export interface Context {
  mood?: "funny" | "action" | "dramatic" | "relaxing" | (string & {});
  group?: "solo" | "couple" | "group" | (string & {});
  session?: "short" | "medium" | "binge" | (string & {});
  device?: string;
  [declared: string]: string | undefined;
}

/** Kinds of feedback. */
export type FeedbackType = "rate" | "watch" | "like" | "hide" | "impression";

/** One row of the append-only feedback log. */
export interface FeedbackRow {
  /** Whose feedback. Default `"me"`. */
  profile: Id;
  item: Id;
  type: FeedbackType;
  /** On the scale; `null` withdraws an earlier rating. */
  rating?: number | null;
  /** Share watched, 0 to 1. */
  completion?: number;
  wouldWatchAgain?: boolean;
  context?: Context;
  /** Milliseconds since 1970. */
  at: number;
}

/** A row as it stands in the log. */
export interface StoredFeedback extends FeedbackRow {
  /** Position in the log, from 1; the order of truth (clocks may jump, this does not). */
  seq: number;
}

/** What may be said beside a rating. */
export interface RateOptions {
  profile?: Id;
  completion?: number;
  wouldWatchAgain?: boolean;
  context?: Context;
  /** Default: now. */
  at?: number;
}

/** The answer to one piece of feedback: the stored row, and what deserves a look. */
export interface FeedbackReceipt extends StoredFeedback {
  /** For example `item-not-in-catalog`, `timestamp-looks-like-seconds`. */
  warnings: Warning[];
}

/** Something accepted, but worth saying. */
export interface Warning {
  code: string;
  message: string;
}

export type WasmSource = URL | string | Response | ArrayBuffer | Uint8Array | WebAssembly.Module;
export type PackSource = URL | string | Response | ArrayBuffer | Uint8Array;

/** How a `Tasteprint` is opened. */
export interface OpenOptions {
  /** Name of the database; several may stand beside each other. Default `"default"`. */
  name?: string;
  catalog?: CatalogItem[];
  /** Community knowledge: bytes, or where to fetch them. */
  pack?: PackSource;
  scale?: Scale;
  /** Default `"indexeddb"`, and `"memory"` where there is none. */
  persistence?: "indexeddb" | "memory";
  /** `false` runs the engine on the calling thread; a URL says where `worker.js` lies. Default `true`. */
  worker?: boolean | URL | string;
  /** The engine's module, where the built-in copy is not wanted. */
  wasm?: WasmSource;
  /** Language of explanations. Default: the page's, else English. */
  locale?: string;
  /** Longest wait for IndexedDB at the start, in milliseconds, before memory mode. Default 3,000. */
  storageTimeout?: number;
}

/** The names of models. */
export type ModelName = "popularity" | "matrix-factorization";

/** Parameters of `matrix-factorization`; each has a default that was chosen on validation data. */
export interface MatrixFactorizationParams {
  /** Length of the factor vectors, 1 to 512. */
  factors?: number;
  /** Passes over the ratings, 1 to 1,000. */
  epochs?: number;
  /** Step of gradient descent, above 0, up to 1. */
  learningRate?: number;
  /** Weight of the squared norm, 0 to 10. */
  regularization?: number;
  /** Weight of the squared norm on biases, 0 to 10. */
  biasRegularization?: number;
  /** Factor the learning rate is multiplied by after each epoch, above 0, up to 1. */
  learningRateDecay?: number;
  /** Standard deviation of the first factors, 0 to 1. */
  initScale?: number;
}

/** Parameters of `popularity`. */
export interface PopularityParams {
  /** How many average ratings an item is given in advance, 0 to 10,000. */
  shrinkage?: number;
}

/** How the ratings are split before training. */
export type Split =
  | { split: "none" }
  | { split: "random"; fraction?: number }
  | { split: "time"; fraction?: number }
  | { split: "leave-last"; n?: number };

/** What to train. */
export interface TrainOptions {
  model: ModelName;
  params?: MatrixFactorizationParams | PopularityParams;
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
  signal?: AbortSignal;
}

/** One report from training. */
export interface TrainProgress {
  phase: "preparing" | "training" | "evaluating" | "saving";
  /** Epochs done. */
  epoch: number;
  epochs: number;
  /** Share of the whole work done, 0 to 1. */
  fraction: number;
  /** Root mean squared error on the training ratings in this epoch; absent before the first. */
  loss?: number;
  /** Root mean squared error on the held-out ratings; absent without a validation split. */
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

/** Quality of a model on held-out ratings. Every figure's formula stands in docs of `eval`. */
export interface Metrics {
  rmse: number;
  mae: number;
  precision: number;
  recall: number;
  ndcg: number;
  coverage: number;
  /** Length of the lists the ranking metrics looked at. */
  k: number;
  /** Held-out ratings, and people with at least one relevant item. */
  ratings: number;
  users: number;
}

/** One epoch of a version's history. */
export interface EpochLog {
  epoch: number;
  loss: number;
  validation?: number;
}

/** A trained model as it is listed. */
export interface ModelVersion {
  id: string;
  label: string;
  model: ModelName;
  params: Record<string, number>;
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
  /** What it learned from; `feedback` counts ratings of this browser's own profiles. */
  data: { ratings: number; users: number; items: number; feedback?: number };
  /** SHA-256 of the model's bytes. */
  hash: string;
  bytes: number;
  source: "trained" | "pack" | "imported";
  active: boolean;
}

/** What is asked of a list. */
export interface RecommendOptions {
  profile?: Id;
  /** Length of the list, 1 to 1,000. Default 10. */
  k?: number;
  /** Leave out what the person has rated, watched or hidden. Default `true`. */
  excludeSeen?: boolean;
  /** Only these items. */
  items?: Id[];
  /** None of these items. */
  exclude?: Id[];
  /** Attach reasons. Default `false`. */
  explain?: boolean;
  /** How strongly uncertain items are held back, 0 (not at all) to 4, in standard errors. Default 1. */
  caution?: number;
  /** What to do with an option the active model ignores. Default `"warn"`. */
  onUnsupported?: "raise" | "warn" | "skip";
  context?: Context;
}

/** Where a score comes from, best first. */
export type Tier = "personal" | "popular" | "catalog";

export interface Confidence {
  level: "high" | "medium" | "low";
  /** Bounds of a 90 % interval, on the rating scale. */
  low: number;
  high: number;
}

export interface Recommendation {
  item: Id;
  /** Expected rating, on the scale. */
  score: number;
  /** From 1. */
  rank: number;
  confidence: Confidence;
  /** Id of the version that gave the score. */
  source: string;
  tier: Tier;
  reasons?: Reason[];
}

/** The codes of reasons. */
export type ReasonCode =
  | "your-rating"
  | "similar-liked"
  | "genre-match"
  | "archetype"
  | "popular"
  | "well-rated"
  | "new-here";

/** One reason: a code with numbers and evidence; `text` is the shell's sentence for it. */
export interface Reason {
  code: ReasonCode;
  /** In rating points where the reason is a share of the score; else 0 to 1. */
  weight: number;
  evidence: {
    items?: Id[];
    /** The person's own ratings of those items. */
    ratings?: number[];
    genres?: string[];
    /** Expected rating among people with similar taste, and how many they are. */
    rating?: number;
    people?: number;
  };
  text: string;
}

/** How a score came about. `baseline + Σ contributions + nudge = raw`, within 1e-6; `score` is `raw` clipped to the scale. */
export interface Explanation {
  item: Id;
  score: number;
  raw: number;
  /** The score of a person nothing is known about. */
  baseline: number;
  /** What the person's own rating of this very item adds; 0 where there is none. */
  nudge: number;
  /** One row for each of the person's ratings, largest first. */
  contributions: { item: Id; rating: number; contribution: number }[];
  confidence: Confidence;
  tier: Tier;
  source: string;
  reasons: Reason[];
}

export interface Prediction {
  item: Id;
  /** `NaN` where nothing can be said. */
  value: number;
  tier: Tier | "none";
  /** Present where `value` is `NaN`. */
  reason?: "unknown-item" | "no-model";
  confidence?: Confidence;
}

export interface SimilarItem {
  item: Id;
  /** Cosine of the factor vectors, −1 to 1. */
  similarity: number;
}

/** Columns of interactions: three or four typed arrays cross the boundary a hundred times faster than objects. */
export interface InteractionColumns {
  /** Ids of people; `users[i]` points into it. */
  userIds: Id[];
  itemIds: Id[];
  users: Uint32Array;
  items: Uint32Array;
  ratings: Float32Array;
  /** Milliseconds since 1970. */
  at?: Float64Array;
  scale?: Scale;
  /** Shown beside everything learned from it, e.g. "simulated community". */
  label?: string;
}

/** Which column of a CSV is what. Keys are ours, values the file's header names. */
export interface ColumnMapping {
  user: string;
  item: string;
  rating: string;
  timestamp?: string;
  title?: string;
  genres?: string;
}

/** A file to import: a browser `File`, or bytes with a name. */
export type ImportFile = File | { name: string; bytes: Uint8Array | ArrayBuffer };

export interface ImportOptions {
  /** For a CSV whose header is not one of MovieLens's. */
  mapping?: ColumnMapping;
  /** `"replace"` (default) takes the place of catalog and community; `"merge"` adds to them. */
  mode?: "replace" | "merge";
  label?: string;
  scale?: Scale;
  signal?: AbortSignal;
}

export interface ImportProgress {
  phase: "reading" | "parsing" | "indexing" | "saving";
  file: string;
  /** Bytes read and expected. */
  bytes: number;
  total: number;
  rows: number;
  /** Share of the whole work done, 0 to 1. */
  fraction: number;
}

/** What is in the data, and what was left out and why. */
export interface DataReport {
  label: string;
  ratings: number;
  users: number;
  items: number;
  /** Items of the catalog, rated or not. */
  catalog: number;
  /** Share of the user × item table that is empty, 0 to 1. */
  sparsity: number;
  scale: Scale;
  mean: number;
  /** Count of each value on the scale. */
  histogram: { rating: number; count: number }[];
  /** Ratings per person and per item. */
  perUser: Spread;
  perItem: Spread;
  /** First and last timestamp, milliseconds since 1970; absent without timestamps. */
  from?: number;
  to?: number;
  missing: { timestamps: number; titles: number; genres: number; years: number };
  /** People whose ratings are all alike, or whose number of ratings is far outside the others'. */
  outliers: { constantUsers: number; heavyUsers: number };
  /** Rows not used, by reason; the first 20 with place and text. */
  dropped: { reason: string; count: number }[];
  problems: { file: string; row: number; reason: string; got: string }[];
  warnings: Warning[];
}

export interface Spread {
  min: number;
  median: number;
  mean: number;
  max: number;
}

/** A model to measure, beside listed versions. */
export interface EvaluateModel {
  /** Name in the report. Default: the model's. */
  name?: string;
  model: ModelName;
  params?: MatrixFactorizationParams | PopularityParams;
}

export interface EvaluateOptions {
  /** Version ids; default: the active one, unless `models` are given. */
  versions?: string[];
  models?: EvaluateModel[];
  /** Default `{ split: "random", fraction: 0.2 }`. The models are trained anew on the remaining part. */
  protocol?: Split | { split: "k-fold"; folds?: number };
  /** Held-out ratings of your own in place of `protocol`; the models then learn from all the others. */
  test?: InteractionColumns;
  onProgress?: (fraction: number) => void;
  /** List length, 1 to 1,000. Default 10. */
  k?: number;
  seed?: number;
  signal?: AbortSignal;
}

/** Ready to plot: a row per model, `popularity` always among them. */
export interface EvaluationReport {
  protocol: string;
  k: number;
  seed: number;
  rows: { name: string; version?: string; model: ModelName; metrics: Metrics }[];
  series: { name: string; label: string; values: number[] }[];
  labels: string[];
  warnings: Warning[];
}

export interface Comparison {
  versions: ModelVersion[];
  /** One row per metric; `best` is the index of the best version, or −1 where none has it. */
  rows: { metric: keyof Metrics; values: (number | null)[]; best: number; higherIsBetter: boolean }[];
  /** False where the versions were measured on different data. */
  comparable: boolean;
}

export interface Status {
  name: string;
  open: boolean;
  persistence: "indexeddb" | "memory" | "none";
  worker: boolean;
  events: number;
  catalog: number;
  active: string | null;
  training: boolean;
  /** The scale ratings are checked against. */
  scale: Scale;
  /** Ratings of the community that were imported or given. */
  ratings: number;
  /** Bytes of the engine's memory. */
  memory: number;
  engine: string;
  /** What went wrong and was mended since opening. */
  incidents: Warning[];
}

/** What to forget. */
export type ForgetTarget = { item: Id; profile?: Id } | { profile: Id } | "everything";

export interface EventMap {
  trained: ModelVersion;
  progress: TrainProgress;
  feedback: StoredFeedback;
  storage: { code: string; message: string };
  crash: { message: string; recovered: boolean };
  changed: { what: "catalog" | "model" | "feedback" | "data" };
}
