/** The conversation between page and engine: types only. Reply types follow from the request. */
import type { ErrorData } from "./errors.ts";
import type * as t from "./types.ts";

/** What a host needs to open; all of it survives `postMessage`. */
export interface OpenArgs {
  name: string;
  persistence: "indexeddb" | "memory";
  storageTimeout: number;
  locale: string;
  catalog?: t.CatalogItem[];
  pack?: Uint8Array;
  scale?: t.Scale;
  wasm?: ArrayBuffer | WebAssembly.Module;
  /** Feedback of a host that died in memory mode. */
  journal?: t.StoredFeedback[];
}

interface Op<Args, Reply, Progress = never> {
  args: Args;
  reply: Reply;
  progress: Progress;
}

/** Every operation of a host. */
export interface Operations {
  open: Op<OpenArgs, { persistence: "indexeddb" | "memory" }>;
  close: Op<null, null>;
  feedback: Op<t.FeedbackRow, t.FeedbackReceipt>;
  events: Op<{ profile?: string }, t.StoredFeedback[]>;
  recommend: Op<object, { list: t.Recommendation[]; warnings: t.Warning[] }>;
  explain: Op<{ item: string; profile?: string }, t.Explanation>;
  predict: Op<{ item: string; profile?: string }, t.Prediction>;
  similar: Op<{ item: string; k?: number }, t.SimilarItem[]>;
  embedding: Op<{ item: string } | { user: string }, Float32Array>;
  items: Op<{ query?: string; offset?: number; limit?: number }, { items: t.CatalogItem[]; total: number }>;
  item: Op<{ id: string }, t.CatalogItem | null>;
  setCatalog: Op<t.CatalogItem[], null>;
  addInteractions: Op<{ columns: t.InteractionColumns; mode: string }, t.DataReport>;
  importRatings: Op<
    { files: { name: string; blob: Blob }[]; ask: object; mode: string },
    t.DataReport,
    t.ImportProgress
  >;
  data: Op<null, t.DataReport | null>;
  train: Op<TrainArgs, t.TrainResult, t.TrainProgress>;
  search: Op<{ ask: object; timeBudgetMs?: number }, t.SearchResult, t.SearchProgress>;
  kinds: Op<null, t.ModelKind[]>;
  check: Op<{ model: string; params?: object }, t.ModelConfig>;
  best: Op<null, t.BestParams[]>;
  evaluated: Op<null, Evaluated[]>;
  fitTable: Op<TableAsk, { handle: string; report: object } | { refused: t.TableNotTrained }, { fraction: number }>;
  predictTable: Op<{ handle: string; rows: Float32Array; columns: number }, Float64Array>;
  explainTable: Op<{ handle: string; row: Float32Array }, t.TableExplanation>;
  closeTable: Op<{ handle: string }, null>;
  evaluate: Op<{ ask: EvaluateAsk; test?: t.InteractionColumns }, t.EvaluationReport, { fraction: number }>;
  learningCurve: Op<
    { ask: CurveAsk; test?: t.InteractionColumns },
    t.LearningCurve | t.NoLearningCurve,
    t.LearningCurveProgress
  >;
  benchmark: Op<Omit<t.BenchmarkOptions, "signal">, t.Benchmark>;
  versions: Op<null, t.ModelVersion[]>;
  activate: Op<{ id: string }, t.ModelVersion>;
  rollback: Op<null, t.ModelVersion | null>;
  removeVersion: Op<{ id: string }, null>;
  status: Op<null, HostStatus>;
  stateHash: Op<null, string>;
  exportAll: Op<t.ExportAllOptions, Blob>;
  importAll: Op<Blob, null>;
  exportPack: Op<t.ExportPackOptions, Uint8Array>;
  keepPack: Op<{ pack: Uint8Array; activate: boolean }, t.ModelVersion[]>;
  forget: Op<t.ForgetTarget, { removed: number; versions: string[] }>;
  /** Exists in builds made for tests of faults only. */
  crash: Op<string, null>;
}

export interface TrainArgs {
  /** What is left out here is what was begun, and what there is a checkpoint of. */
  begin?: { ask: TrainAsk; activate: boolean; label?: string };
  resume: boolean;
}

export interface TrainAsk {
  /** Left out only beside `from`: then it is that version's. */
  model?: string;
  params?: object | "best";
  from?: string;
  seed?: number;
}

export interface EvaluateAsk {
  versions?: string[];
  models?: { name?: string; model: string; params?: object | "best"; share?: number }[];
  protocol?: object;
  k?: number;
  seed?: number;
  baselines?: boolean;
}

export interface CurveAsk extends Omit<EvaluateAsk, "versions" | "models" | "baselines"> {
  model: t.ModelName;
  params?: object | "best";
  shares?: number[];
  metric?: t.ComparedMetric;
}

export interface TableAsk {
  ask: { model: string; columns: string[]; params?: object; seed?: number; task?: string };
  rows: Float32Array;
  target: Float32Array;
}

/** What is remembered of an evaluation of listed versions. */
export interface Evaluated {
  protocol: string;
  k: number;
  at: number;
  versions: { version: string; metrics: t.Metrics }[];
  pairs: t.EvaluationReport["pairs"];
}

export type HostStatus = Omit<t.Status, "name" | "open" | "worker" | "incidents">;

export type OpName = keyof Operations;
export type Args<O extends OpName> = Operations[O]["args"];
export type Reply<O extends OpName> = Operations[O]["reply"];
export type Progress<O extends OpName> = Operations[O]["progress"];

/** Page → host. */
export type ToHost = { id: number; op: OpName; args: unknown } | { id: number; abort: true } | { alive: string };

/** Host → page. Exactly one `ok` message ends each request. */
export type FromHost =
  | { id: number; ok: true; value: unknown }
  | { id: number; ok: false; error: ErrorData }
  | { id: number; progress: unknown }
  | { notice: Notice }
  | { ready: true }
  /** The engine is dead; whoever holds the worker must end it. */
  | { fatal: string };

/** Things nobody asked for. */
export type Notice = { type: "storage"; code: string; message: string } | { type: "warning"; warning: t.Warning };

/** What a running operation may use. */
export interface Task {
  signal: AbortSignal;
  progress: (value: unknown) => void;
}

/** An engine with its store, wherever it runs. */
export interface HostLike {
  handle(op: OpName, args: unknown, task: Task): Promise<unknown>;
}
