/** The public object. Everything that needs the engine crosses to its host; what stands here is checks and words. */
import { Announcer } from "./announcer.ts";
import { TasteprintError } from "./errors.ts";
import { catalogOf, columnsOf, contextIn } from "./inputs.ts";
import { Link } from "./link.ts";
import { Models } from "./models.ts";
import { type Opening, openingOf } from "./opening.ts";
import { id, known, plain, refuse } from "./options.ts";
import type { CurveAsk } from "./protocol.ts";
import { run } from "./run.ts";
import { fitTable } from "./table.ts";
import { Trainer } from "./trainer.ts";
import type * as t from "./types.ts";

const RATE_KEYS = ["profile", "completion", "wouldWatchAgain", "context", "at"] as const;
const RECORD_KEYS = [...RATE_KEYS, "item", "type", "rating", "score"] as const;
const IMPORT_KEYS = ["mapping", "mode", "label", "scale", "signal"] as const;
const EVALUATE_KEYS = [
  "versions",
  "models",
  "protocol",
  "test",
  "k",
  "seed",
  "baselines",
  "signal",
  "onProgress",
] as const;
const PACK_KEYS = ["versions", "precision", "label", "licence"] as const;
const TYPES: readonly t.FeedbackType[] = ["rate", "watch", "like", "hide", "impression"];

/**
 * Private recommendations: learns from feedback kept in this browser, trains here, scores here, explains itself.
 *
 * ```ts
 * const taste = await Tasteprint.open({ name: "cinema", catalog, pack });
 * await taste.rate("heat-1995", 4.5);
 * const list = await taste.recommend({ k: 10, explain: true });
 * ```
 */
export class Tasteprint extends Announcer {
  /** Trained models: listing, activating, rolling back, removing, comparing. */
  readonly models: Models;
  private readonly link: Link;
  private readonly trainer: Trainer;
  private isOpen = true;

  private constructor(
    readonly name: string,
    opening: Opening,
  ) {
    super();
    this.link = new Link({
      ...opening,
      notice: (notice) => this.noticed(notice),
      crash: (crash) => this.crashed(crash),
    });
    this.models = new Models(this.link, () => this.emit("changed", { what: "model" }));
    this.trainer = new Trainer(this.link, (type, detail) => this.emit(type, detail));
  }

  /**
   * Opens: starts the engine, loads what is stored, replays the feedback. Nothing happens before this call.
   *
   * @throws TasteprintError `invalid-argument`, `unknown-option`, `model-format` (a pack that is none), `csp`.
   */
  static async open(options: t.OpenOptions = {}): Promise<Tasteprint> {
    const opening = await openingOf(options);
    const taste = new Tasteprint(opening.open.name, opening);
    try {
      await taste.link.opened;
    } catch (error) {
      taste.isOpen = false;
      taste.link.abandon();
      throw error;
    }
    return taste;
  }

  /**
   * Stores a rating and learns from it: durable once the promise resolves, and the next list reflects it. `null`
   * withdraws an earlier rating; of several ratings of one item the last one counts.
   *
   * @throws TasteprintError `rating-off-scale`, `invalid-argument`, `unknown-option`, `storage-quota`.
   */
  rate(item: t.Id, rating: number | null, options: t.RateOptions = {}): Promise<t.FeedbackReceipt> {
    if (rating !== null && typeof rating !== "number") throw refuse("rating", "a number, or null to withdraw", rating);
    known(options, RATE_KEYS, "rate");
    return this.record({ ...options, item, type: "rate", rating });
  }

  /** Stores any feedback: something watched, liked, hidden or shown. */
  async record(
    row: Omit<t.FeedbackRow, "profile" | "at"> & Partial<Pick<t.FeedbackRow, "profile" | "at">>,
  ): Promise<t.FeedbackReceipt> {
    known(row, RECORD_KEYS, "record");
    if (!TYPES.includes(row.type)) throw refuse("record.type", TYPES.join(", "), row.type);
    if (typeof row.rating === "number" && !Number.isFinite(row.rating))
      throw TasteprintError.of("rating-off-scale", "this rating is not on the scale", {
        place: "rating",
        expected: "a finite number",
        got: String(row.rating),
      });
    const whole: t.FeedbackRow = {
      ...plain(row, "record"),
      item: id(row.item, "item"),
      profile: id(row.profile ?? "me", "profile"),
      at: row.at ?? Date.now(),
    };
    contextIn(whole.context);
    const receipt = await this.link.call("feedback", whole);
    const { warnings: _, ...stored } = receipt;
    this.link.remember(stored);
    this.emit("feedback", stored);
    return receipt;
  }

  /** The log, in order. */
  feedback(options: { profile?: t.Id } = {}): Promise<t.StoredFeedback[]> {
    known(options, ["profile"], "feedback");
    return this.link.call("events", plain(options, "feedback"));
  }

  /** Ratings that stand, latest first. */
  async ratings(options: { profile?: t.Id } = {}): Promise<{ item: t.Id; rating: number; at: number }[]> {
    const latest = new Map<t.Id, { item: t.Id; rating: number; at: number }>();
    for (const { item, rating, at, type } of await this.feedback({ profile: options.profile ?? "me" })) {
      if (typeof rating !== "number") {
        if (type === "rate") latest.delete(item);
        continue;
      }
      latest.delete(item);
      latest.set(item, { item, rating, at });
    }
    return [...latest.values()].reverse();
  }

  /** The best items for a person. Never empty while the catalog has something to show. */
  async recommend(options: t.RecommendOptions = {}): Promise<t.Recommendation[]> {
    const { list, warnings } = await this.link.call("recommend", plain(options, "recommend"));
    for (const warning of warnings) this.warn(warning);
    return list;
  }

  /** How the score of an item came about, exactly. */
  explain(item: t.Id, options: { profile?: t.Id; context?: t.Context } = {}): Promise<t.Explanation> {
    return this.link.call("explain", { ...plain(options, "explain"), item: id(item, "item") });
  }

  /** The expected rating of an item; `NaN` with a reason where nothing can be said. */
  predict(item: t.Id, options: { profile?: t.Id; context?: t.Context } = {}): Promise<t.Prediction> {
    return this.link.call("predict", { ...plain(options, "predict"), item: id(item, "item") });
  }

  /** Items with similar factors, most similar first. */
  similar(item: t.Id, options: { k?: number } = {}): Promise<t.SimilarItem[]> {
    return this.link.call("similar", { ...plain(options, "similar"), item: id(item, "item") });
  }

  /** Items that hold every word of `query`; without one, the most prominent first. */
  items(
    options: { query?: string; offset?: number; limit?: number } = {},
  ): Promise<{ items: t.CatalogItem[]; total: number }> {
    known(options, ["query", "offset", "limit"], "items");
    for (const key of ["offset", "limit"] as const) {
      const value = options[key];
      if (value !== undefined && !(Number.isInteger(value) && value >= 0))
        throw refuse(`items.${key}`, "a whole number, 0 or more", value);
    }
    return this.link.call("items", plain(options, "items"));
  }

  /** One item of the catalog. */
  async item(item: t.Id): Promise<t.CatalogItem | undefined> {
    return (await this.link.call("item", { id: id(item, "item") })) ?? undefined;
  }

  /** Takes a new catalog in place of the old one. */
  async setCatalog(items: t.CatalogItem[]): Promise<void> {
    const catalog = catalogOf(items);
    await this.link.call("setCatalog", catalog);
    this.link.recatalog(catalog);
    this.emit("changed", { what: "catalog" });
  }

  /** Takes in ratings of many people, as columns; the arrays are copied. */
  async addInteractions(
    columns: t.InteractionColumns,
    options: { mode?: "replace" | "merge" } = {},
  ): Promise<t.DataReport> {
    known(options, ["mode"], "addInteractions");
    const report = await this.link.call("addInteractions", {
      columns: columnsOf(columns),
      mode: options.mode ?? "replace",
    });
    this.emit("changed", { what: "data" });
    return report;
  }

  /** Reads MovieLens files (a zip, or single files) or any CSV with a header; in the worker, with progress. */
  importRatings(files: Iterable<t.ImportFile>, options: t.ImportOptions = {}): t.Run<t.ImportProgress, t.DataReport> {
    known(options, IMPORT_KEYS, "importRatings");
    const { signal, mode = "replace", ...rest } = options;
    const list = [...files].map((file) => {
      if (file instanceof Blob) return { name: file.name, blob: file as Blob };
      return { name: file.name, blob: new Blob([file.bytes as BlobPart]) };
    });
    if (list.length === 0) throw refuse("files", "at least one file", "none");
    const ask = { label: list.map((file) => file.name).join(", "), ...rest };
    return run(async (inner, progress) => {
      const report = await this.link.call(
        "importRatings",
        { files: list, ask: plain(ask, "importRatings"), mode },
        { signal: inner, progress },
      );
      this.emit("changed", { what: "data" });
      return report;
    }, signal);
  }

  /** What is in the community's ratings; `null` without any. */
  data(): Promise<t.DataReport | null> {
    return this.link.call("data", null);
  }

  /**
   * Trains a model on the community's ratings, or, where there are none, on those of this browser's profiles.
   * Too little data is an answer (`{ trained: false, reason }`); an abort leaves everything as it was. What is cut off
   * otherwise can be gone on with: `resume()`, or the same options with `resume: true`.
   */
  train(options: t.TrainOptions): t.Run<t.TrainProgress, t.TrainResult> {
    return this.trainer.train(options);
  }

  /**
   * Goes on with the training that was cut off, by a reload or the death of its worker, to the same model it would have
   * come to. `status().checkpoint` tells whether there is one. In memory mode there is none after a death.
   *
   * @throws TasteprintError `no-checkpoint`; `invalid-argument` at `data` where the data has changed since.
   */
  resume(options: { signal?: AbortSignal } = {}): t.Run<t.TrainProgress, t.TrainResult> {
    return this.trainer.resume(options);
  }

  /**
   * Trains several models one after another, every kind where none are named, and serves from the best. What cannot be
   * trained is a result and no error; an abort keeps the versions that are whole.
   */
  retrainAll(options: t.RetrainOptions = {}): t.Run<t.RetrainProgress, t.RetrainResult[]> {
    return this.trainer.retrainAll(options);
  }

  /**
   * Looks for good parameters on a split of the data that is here: the defaults, then seeded draws, with successive
   * halving where a model learns in epochs. What it finds is remembered for this data: `params: "best"`.
   */
  search<M extends t.ModelName>(options: t.SearchOptions<M>): t.Run<t.SearchProgress<M>, t.SearchResult<M>> {
    return this.trainer.search(options);
  }

  /**
   * Trains models anew on a part of the ratings and measures them on the rest, `popularity` and `item-knn` beside: with
   * 95 % intervals, for each segment of people and items, and with a word on which differences are real.
   */
  evaluate(options: t.EvaluateOptions = {}): Promise<t.EvaluationReport> {
    known(options, EVALUATE_KEYS, "evaluate");
    const { signal, onProgress, test, ...ask } = options;
    const args = { ask: plain(ask, "evaluate") as object, ...(test && { test: columnsOf(test) }) };
    return this.link.call("evaluate", args, { signal, progress: (p) => onProgress?.(p.fraction) });
  }

  /**
   * Does more feedback help? Trains a model on growing shares of the ratings that are here, a community's or one's own,
   * and measures each on the same held-out ones. Too little data is an answer (`{ measured: false, reason }`); nothing
   * is kept of it.
   *
   * @throws TasteprintError `invalid-argument`, `unknown-option`, `busy`; `unsupported` for a figure the model lacks.
   */
  learningCurve(options: t.LearningCurveOptions): t.Run<t.LearningCurveProgress, t.LearningCurve | t.NoLearningCurve> {
    const { signal, test, ...rest } = options;
    const ask = plain(rest, "learningCurve") as CurveAsk;
    const args = { ask, ...(test && { test: columnsOf(test) }) };
    return run((inner, progress) => this.link.call("learningCurve", args, { signal: inner, progress }), signal);
  }

  /**
   * How long a list, a prediction and a new rating take on this device, with the model that serves. Changes nothing.
   *
   * @throws TasteprintError `no-model`, `invalid-argument`, `unknown-option`, `busy`.
   */
  async benchmark({ signal, ...ask }: t.BenchmarkOptions = {}): Promise<t.Benchmark> {
    return this.link.call("benchmark", plain(ask, "benchmark"), { signal });
  }

  /**
   * A random forest or a logistic regression of numbers of your own; nothing of catalog, ratings and people is in it. Too
   * little to learn from is an answer. The engine keeps the model until its `close()`, and stores nothing of it.
   *
   * @throws TasteprintError `invalid-argument` (a NaN by row and column), `unknown-option`, `out-of-memory`, `busy`.
   */
  fitTable<M extends t.TableModelName>(options: t.TableOptions<M>): Promise<t.TableModel<M> | t.TableNotTrained> {
    return fitTable(this.link, options);
  }

  /** The active version's figures; `null` where nothing was held out. */
  async metrics(): Promise<t.Metrics | null> {
    return (await this.models.list()).find((v) => v.active)?.metrics ?? null;
  }

  /** Figures of all versions that have some, oldest first. */
  async metricsHistory(): Promise<{ version: t.ModelVersion; metrics: t.Metrics }[]> {
    return (await this.models.list()).flatMap((version) =>
      version.metrics ? [{ version, metrics: version.metrics }] : [],
    );
  }

  /** How things stand. Works after `close()` too. */
  async status(): Promise<t.Status> {
    const { name, incidents } = this;
    if (!this.isOpen)
      return {
        name,
        open: false,
        persistence: "none",
        worker: false,
        events: 0,
        catalog: 0,
        active: null,
        training: false,
        checkpoint: null,
        scale: { min: 0.5, max: 5, step: 0.5 },
        ratings: 0,
        context: {},
        memory: 0,
        engine: "",
        incidents: [...incidents],
      };
    const host = await this.link.call("status", null);
    const training = host.training || this.trainer.busy;
    return { ...host, training, name, open: true, worker: this.link.inWorker, incidents: [...incidents] };
  }

  /** Everything that is stored, as a zip of JSON and tensor files; or, made unrecognisable, the feedback alone. */
  async exportAll(options: t.ExportAllOptions = {}): Promise<Blob> {
    known(options, ["anonymous"], "exportAll");
    const { anonymous = false } = options;
    if (typeof anonymous !== "boolean") throw refuse("exportAll.anonymous", "true or false", anonymous);
    return this.link.call("exportAll", { anonymous });
  }

  /**
   * Takes an export in: its feedback is added, its data and versions take the place of what is here.
   *
   * @throws TasteprintError `file-format`, `model-version`; `unsupported` for an anonymous export, whose hashes are of no
   * catalog.
   */
  async importAll(file: Blob | Uint8Array | ArrayBuffer): Promise<void> {
    await this.link.call("importAll", file instanceof Blob ? file : new Blob([file as BlobPart]));
    this.link.rewrite(await this.feedback());
    for (const what of ["feedback", "data", "model", "catalog"] as const) this.emit("changed", { what });
  }

  /**
   * One or several versions without any person's row, in one file fit to be shipped with a page. The same versions
   * give the same bytes.
   *
   * @throws TasteprintError `no-model`, `unknown-version`; `unsupported` for versions learned from this browser's feedback.
   */
  exportPack(options: t.ExportPackOptions = {}): Promise<Uint8Array> {
    known(options, PACK_KEYS, "exportPack");
    return this.link.call("exportPack", plain(options, "exportPack"));
  }

  /**
   * Forgets exactly: afterwards everything is as if it had never been said. Models that learned from this browser's
   * feedback are removed with it. `removed` counts rows of feedback; for `"everything"` all records of the database.
   *
   * @throws TasteprintError `busy` while a training, an evaluation or an import is under way: abort it first.
   */
  async forget(target: t.ForgetTarget): Promise<{ removed: number; versions: string[] }> {
    if (target !== "everything") {
      known(target, ["item", "profile"], "forget");
      if (!("item" in target) && !("profile" in target))
        throw refuse("forget", '{ item }, { profile } or "everything"', "{}");
    }
    const result = await this.link.call("forget", typeof target === "string" ? target : plain(target, "forget"));
    this.link.rewrite(await this.feedback());
    for (const what of ["feedback", "model", "data"] as const) this.emit("changed", { what });
    return result;
  }

  /** A hash over everything known of people here: equal for equal histories, whatever happened in between. */
  stateHash(): Promise<string> {
    return this.link.call("stateHash", null);
  }

  /** Ends the engine. Calls after this reject with `closed`. */
  async close(): Promise<void> {
    this.isOpen = false;
    await this.link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

// Older engines have no such symbol; `await using` then does not exist either.
declare global {
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}
