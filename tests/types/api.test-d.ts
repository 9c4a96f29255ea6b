/**
 * The public types as a stranger's compiler sees them. Nothing here runs: a wrong use that is not refused, and a right
 * one that is, fails `tsc -p tests/types/tsconfig.json`.
 */
import {
  type BestParams,
  type CatalogItem,
  type Checkpoint,
  type Comparison,
  type DataReport,
  type ErrorCode,
  type EvaluationReport,
  type Explanation,
  type FeedbackReceipt,
  type ForestTableReport,
  type ImportProgress,
  type MatrixFactorizationParams,
  type Metrics,
  type ModelKind,
  type ModelName,
  type ModelVersion,
  type NoLearningCurve,
  type NotTrained,
  type Prediction,
  type Reason,
  type Recommendation,
  type RegressionTableReport,
  type RetrainProgress,
  type RetrainResult,
  type Run,
  type Scale,
  type SearchProgress,
  type SearchResult,
  type SimilarItem,
  type Status,
  type StoredFeedback,
  type TableExplanation,
  type TableModel,
  type TableNotTrained,
  Tasteprint,
  TasteprintError,
  type TrainProgress,
  type TrainResult,
} from "tasteprint";

/** Both ways assignable is not enough: `any` would be. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Fails to compile where the two are not the same type. */
function same<A, B>(..._: Same<A, B> extends true ? [] : [never]): void {}

export async function opening(): Promise<void> {
  const taste = await Tasteprint.open();
  same<typeof taste, Tasteprint>();
  await Tasteprint.open({
    name: "cinema",
    catalog: [{ id: "a", title: "A", genres: ["Drama"], ours: { extra: true } }],
    pack: new URL("https://example.org/pack"),
    scale: { min: 1, max: 10, step: 0 },
    persistence: "memory",
    worker: "/worker.js",
    wasm: new ArrayBuffer(8),
    locale: "de-AT",
    storageTimeout: 500,
  });
  await Tasteprint.open({ pack: new Response() });
  // @ts-expect-error a misspelt option
  await Tasteprint.open({ nmae: "cinema" });
  // @ts-expect-error there is no such way to keep things
  await Tasteprint.open({ persistence: "localStorage" });
  // @ts-expect-error ids are strings
  await Tasteprint.open({ catalog: [{ id: 1, title: "A" }] });
  // @ts-expect-error every item has a title
  await Tasteprint.open({ catalog: [{ id: "a" }] });
  // @ts-expect-error `undefined` is not the same as left out
  await Tasteprint.open({ name: undefined });
  // @ts-expect-error it is opened, not constructed
  new Tasteprint();
  // @ts-expect-error what is inside is nobody's business
  taste.link;
  // @ts-expect-error the name stays
  taste.name = "other";
}

export async function saying(taste: Tasteprint): Promise<void> {
  const receipt = await taste.rate("heat-1995", 4.5, {
    profile: "guest",
    completion: 1,
    wouldWatchAgain: true,
    context: { mood: "action", group: "couple", session: "medium", weather: "rain" },
    at: Date.now(),
  });
  same<typeof receipt, FeedbackReceipt>();
  same<(typeof receipt)["seq"], number>();
  same<(typeof receipt)["rating"], number | null | undefined>();
  await taste.rate("heat-1995", null);
  await taste.record({ item: "a", type: "watch", completion: 0.5 });
  // @ts-expect-error a rating is said, or withdrawn with null
  await taste.rate("heat-1995");
  // @ts-expect-error numbers are no ids
  await taste.rate(1995, 4);
  // @ts-expect-error stars are numbers
  await taste.rate("heat-1995", "4");
  // @ts-expect-error moods are strings
  await taste.rate("heat-1995", 4, { context: { mood: 3 } });
  // @ts-expect-error a misspelt option
  await taste.rate("heat-1995", 4, { profil: "guest" });
  // @ts-expect-error no such kind of feedback
  await taste.record({ item: "a", type: "love" });
  // @ts-expect-error feedback is about something
  await taste.record({ type: "like" });

  same<Awaited<ReturnType<typeof taste.feedback>>, StoredFeedback[]>();
  same<Awaited<ReturnType<typeof taste.ratings>>, { item: string; rating: number; at: number }[]>();
}

export async function asking(taste: Tasteprint): Promise<void> {
  const list = await taste.recommend({
    k: 10,
    excludeSeen: false,
    items: ["a"],
    exclude: [],
    explain: true,
    caution: 0,
    onUnsupported: "raise",
    context: { mood: "funny" },
  });
  same<typeof list, Recommendation[]>();
  const [first] = list;
  // @ts-expect-error the list may be empty
  first.item;
  same<Recommendation["tier"], "personal" | "content" | "popular" | "catalog">();
  same<Recommendation["reasons"], Reason[] | undefined>();
  same<Recommendation["confidence"]["level"], "high" | "medium" | "low">();
  // @ts-expect-error a misspelt option
  await taste.recommend({ excludeSean: false });
  // @ts-expect-error k is a number
  await taste.recommend({ k: "10" });

  same<Awaited<ReturnType<typeof taste.explain>>, Explanation>();
  same<Awaited<ReturnType<typeof taste.predict>>, Prediction>();
  same<Awaited<ReturnType<typeof taste.similar>>, SimilarItem[]>();
  same<Awaited<ReturnType<typeof taste.item>>, CatalogItem | undefined>();
  same<Awaited<ReturnType<typeof taste.items>>, { items: CatalogItem[]; total: number }>();
  same<Awaited<ReturnType<typeof taste.data>>, DataReport | null>();
  same<Awaited<ReturnType<typeof taste.status>>, Status>();
  same<Status["persistence"], "indexeddb" | "memory" | "none">();
  same<Status["scale"], Scale>();
  same<Awaited<ReturnType<typeof taste.metrics>>, Metrics | null>();
  // An extra field is kept, and its type is not known.
  same<CatalogItem["anything"], unknown>();
}

export async function training(taste: Tasteprint): Promise<void> {
  const { signal } = new AbortController();
  const run = taste.train({
    model: "matrix-factorization",
    params: { factors: 50, learningRate: 0.01, regularization: 0.02, epochs: 20 },
    validation: { split: "time", fraction: 0.2 },
    patience: 3,
    seed: 7,
    activate: false,
    label: "first",
    signal,
  });
  same<typeof run, Run<TrainProgress, TrainResult>>();
  for await (const progress of run) same<typeof progress, TrainProgress>();
  run.abort();
  const result = await run.done;
  // @ts-expect-error whether it was trained has to be asked first
  result.id;
  if (result.trained) same<(typeof result)["history"], ModelVersion["history"]>();
  else same<typeof result, NotTrained>();
  taste.train({ model: "popularity", params: { shrinkage: 10 }, validation: { split: "none" } });
  taste.train({ model: "popularity", validation: { split: "leave-last", n: 2 } });
  taste.train({ from: "v1" });
  taste.train({ from: "v1", model: "implicit-als", params: { epochs: 5 } });
  same<ModelVersion["from"], string | undefined>();
  // @ts-expect-error a version is named by its id
  taste.train({ from: 1 });
  // @ts-expect-error nothing trains without a model
  taste.train({});
  // @ts-expect-error no such model
  taste.train({ model: "oracle" });
  // @ts-expect-error a misspelt parameter
  taste.train({ model: "matrix-factorization", params: { factor: 3 } });
  // @ts-expect-error no such split
  taste.train({ model: "popularity", validation: { split: "half" } });
  // @ts-expect-error a split by time has no n
  taste.train({ model: "popularity", validation: { split: "time", n: 2 } });

  const report = await taste.evaluate({
    models: [{ model: "popularity", name: "base" }],
    protocol: { split: "k-fold", folds: 5 },
    k: 10,
    onProgress: (fraction) => same<typeof fraction, number>(),
  });
  same<typeof report, EvaluationReport>();
  const curve = await taste.learningCurve({ model: "ease", shares: [0.5, 1], metric: "ndcg" }).done;
  if (curve.measured) same<typeof curve.helps, "yes" | "no" | "unclear">();
  else same<typeof curve.reason, NoLearningCurve["reason"]>();
  // @ts-expect-error a curve is of one model
  taste.learningCurve({ shares: [0.5, 1] });
  const timed = await taste.benchmark({ k: 10, repeats: 20 });
  same<typeof timed.foldIn.p95, number>();
  // @ts-expect-error folds belong to k-fold
  await taste.evaluate({ protocol: { split: "random", folds: 5 } });
}

export async function ownNumbers(taste: Tasteprint): Promise<void> {
  const [rows, target] = [new Float32Array(6), new Float32Array(3)];
  const model = await taste.fitTable({
    model: "random-forest",
    params: { trees: 50, maxDepth: 8, minLeaf: 2, maxFeatures: 0.5, bootstrap: true, minSamples: 2 },
    seed: 7,
    columns: ["age", "income"],
    rows,
    target,
    task: "classification",
    signal: new AbortController().signal,
    onProgress: (fraction) => same<typeof fraction, number>(),
  });
  same<typeof model, TableModel<"random-forest"> | TableNotTrained>();
  // @ts-expect-error whether it was trained has to be asked first
  model.report;
  if (model.trained) {
    same<typeof model.report, ForestTableReport>();
    same<Awaited<ReturnType<typeof model.predict>>, Float64Array>();
    same<Awaited<ReturnType<typeof model.explain>>, TableExplanation>();
    same<(typeof model.report.importance)[number], { column: string; importance: number }>();
    // @ts-expect-error rows are single precision
    await model.predict([1, 2]);
    await model.close();
  } else same<(typeof model)["reason"], "not-enough-rows" | "one-class">();
  const regression = await taste.fitTable({
    model: "logistic-regression",
    params: { penalty: "l1" },
    columns: 2,
    rows,
    target,
  });
  if (regression.trained) {
    same<typeof regression.report, RegressionTableReport>();
    same<(typeof regression.report.coefficients)[number]["standardError"], number | undefined>();
  }
  // @ts-expect-error a model of ratings knows nothing of numbers
  await taste.fitTable({ model: "ease", columns: 2, rows, target });
  // @ts-expect-error a regression always tells two classes apart
  await taste.fitTable({ model: "logistic-regression", columns: 2, rows, target, task: "classification" });
  // @ts-expect-error a parameter of the other model
  await taste.fitTable({ model: "random-forest", params: { penalty: "l1" }, columns: 2, rows, target });
  // @ts-expect-error rows have to be given as a typed array
  await taste.fitTable({ model: "random-forest", columns: 2, rows: [[1, 2]], target });
  // @ts-expect-error how wide rows are has to be said
  await taste.fitTable({ model: "random-forest", rows, target });
}

export async function trainingOn(taste: Tasteprint): Promise<void> {
  same<ReturnType<typeof taste.resume>, Run<TrainProgress, TrainResult>>();
  same<Awaited<ReturnType<typeof taste.status>>["checkpoint"], Checkpoint | null>();
  taste.train({ model: "implicit-als", params: { weighting: "log", alpha: 4 }, resume: true });
  taste.train({ model: "factorization-machine", params: { history: "both", content: true } });
  taste.train({ model: "ease", params: "best" });
  // @ts-expect-error no such weighting
  taste.train({ model: "implicit-als", params: { weighting: "cubic" } });
  // @ts-expect-error the only word for parameters
  taste.train({ model: "ease", params: "worst" });
  // @ts-expect-error what is gone on with is what was begun
  taste.resume({ model: "ease" });

  const all = taste.retrainAll({
    models: ["popularity", { model: "ease", params: { regularization: 5 }, label: "soft" }],
    validation: { split: "leave-last" },
    activate: "best",
    metric: "rmse",
    seed: 1,
  });
  same<typeof all, Run<RetrainProgress, RetrainResult[]>>();
  for (const result of await all.done) {
    same<typeof result.model, ModelName>();
    if (result.trained) same<typeof result.id, string>();
    else if (result.reason === "failed") same<typeof result.error, TasteprintError>();
  }
  // @ts-expect-error the best serves, or none
  taste.retrainAll({ activate: true });
  // @ts-expect-error a misspelt option
  taste.retrainAll({ model: ["ease"] });

  const search = taste.search({ model: "matrix-factorization", params: { epochs: 10 }, trials: 5, timeBudgetMs: 1e4 });
  same<typeof search, Run<SearchProgress<"matrix-factorization">, SearchResult<"matrix-factorization">>>();
  const { best } = await search.done;
  same<typeof best.params, Required<MatrixFactorizationParams>>();
  taste.train({ model: "matrix-factorization", params: best.params });
  // @ts-expect-error parameters of another model
  taste.search({ model: "matrix-factorization", params: { alpha: 1 } });
  // @ts-expect-error something has to be held out
  taste.search({ model: "ease", protocol: { split: "none" } });
}

export async function choosing({ models }: Tasteprint): Promise<void> {
  same<Awaited<ReturnType<typeof models.kinds>>, ModelKind[]>();
  same<Awaited<ReturnType<typeof models.best>>, BestParams[]>();
  for (const { params } of await models.kinds())
    for (const param of params)
      if (param.kind === "choice") same<typeof param.default, string>();
      else if (param.kind === "flag") same<typeof param.default, boolean>();
      else same<typeof param.max, number>();
  const { params } = await models.check({ model: "matrix-factorization", params: { factors: 3 } });
  same<typeof params, Required<MatrixFactorizationParams>>();
  // @ts-expect-error a misspelt parameter
  await models.check({ model: "matrix-factorization", params: { factor: 3 } });
}

export async function versions({ models }: Tasteprint): Promise<void> {
  same<Awaited<ReturnType<typeof models.list>>, ModelVersion[]>();
  same<Awaited<ReturnType<typeof models.activate>>, ModelVersion>();
  same<Awaited<ReturnType<typeof models.rollback>>, ModelVersion>();
  same<Awaited<ReturnType<typeof models.remove>>, void>();
  same<Awaited<ReturnType<typeof models.compare>>, Comparison>();
  same<Awaited<ReturnType<typeof models.embedding>>, Float32Array>();
  await models.embedding({ item: "a" });
  await models.embedding({ user: "me" });
  // @ts-expect-error the embedding of what?
  await models.embedding({});
  same<ModelVersion["metrics"], Metrics | undefined>();
}

export async function bringingIn(taste: Tasteprint, file: File): Promise<void> {
  const run = taste.importRatings([file, { name: "movies.csv", bytes: new Uint8Array() }], {
    mode: "merge",
    label: "x",
  });
  same<typeof run, Run<ImportProgress, DataReport>>();
  taste.importRatings([file], { mapping: { user: "u", item: "i", rating: "r" } });
  // @ts-expect-error a mapping says where the ratings are
  taste.importRatings([file], { mapping: { user: "u", item: "i" } });
  // @ts-expect-error no such way of taking in
  taste.importRatings([file], { mode: "append" });
  await taste.addInteractions({
    userIds: ["u"],
    itemIds: ["a"],
    users: new Uint32Array([0]),
    items: new Uint32Array([0]),
    ratings: new Float32Array([4]),
  });
  // @ts-expect-error columns are typed arrays
  await taste.addInteractions({ userIds: ["u"], itemIds: ["a"], users: [0], items: [0], ratings: [4] });
}

export async function leaving(taste: Tasteprint): Promise<void> {
  same<Awaited<ReturnType<typeof taste.exportAll>>, Blob>();
  void taste.exportAll({ anonymous: true });
  // @ts-expect-error: true or false
  void taste.exportAll({ anonymous: "yes" });
  same<Awaited<ReturnType<typeof taste.exportPack>>, Uint8Array>();
  same<Awaited<ReturnType<typeof taste.stateHash>>, string>();
  await taste.importAll(new Blob());
  await taste.forget({ item: "a" });
  await taste.forget({ item: "a", profile: "me" });
  await taste.forget({ profile: "me" });
  const { removed, versions } = await taste.forget("everything");
  same<typeof removed, number>();
  same<typeof versions, string[]>();
  // @ts-expect-error forget what?
  await taste.forget({});
  // @ts-expect-error a misspelt word would otherwise forget nothing
  await taste.forget("all");
  await taste.close();
}

export async function withoutClosing(): Promise<void> {
  await using taste = await Tasteprint.open({ persistence: "memory" });
  await taste.recommend();
}

export function listening(taste: Tasteprint): void {
  taste.addEventListener("trained", ({ detail }) => same<typeof detail, ModelVersion>());
  taste.addEventListener("progress", ({ detail }) => same<typeof detail, TrainProgress>());
  taste.addEventListener("feedback", ({ detail }) => same<typeof detail, StoredFeedback>());
  taste.addEventListener("storage", ({ detail }) => same<typeof detail, { code: string; message: string }>());
  taste.addEventListener("crash", ({ detail }) => same<typeof detail.recovered, boolean>(), { once: true });
  taste.addEventListener("changed", ({ detail }) => {
    same<typeof detail.what, "catalog" | "model" | "feedback" | "data">();
    // @ts-expect-error there is no such thing to change
    return detail.what === "weather";
  });
  // @ts-expect-error the detail of a crash is no version
  taste.addEventListener("crash", ({ detail }) => detail.hash);
}

export function failing(error: unknown): string {
  if (!(error instanceof TasteprintError)) return String(error);
  same<typeof error.code, ErrorCode>();
  same<typeof error.retryable, boolean>();
  same<typeof error.details.place, string | undefined>();
  // @ts-expect-error no such code
  if (error.code === "storage-full") return "never";
  return error.details.hint ?? error.message;
}
