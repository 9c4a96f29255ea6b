/** Training as the page asks for it: one at a time, each a `Run`. */
import { TasteprintError } from "./errors.ts";
import type { Link } from "./link.ts";
import { known, plain, refuse } from "./options.ts";
import type { TrainArgs } from "./protocol.ts";
import { run } from "./run.ts";
import type * as t from "./types.ts";

const TRAIN_KEYS = [
  "model",
  "params",
  "from",
  "validation",
  "patience",
  "seed",
  "activate",
  "label",
  "resume",
  "signal",
] as const;
const RETRAIN_KEYS = ["models", "validation", "patience", "seed", "activate", "metric", "signal"] as const;
const SEARCH_KEYS = [
  "model",
  "params",
  "trials",
  "timeBudgetMs",
  "metric",
  "protocol",
  "patience",
  "seed",
  "signal",
] as const;

type Emit = <K extends keyof t.EventMap>(type: K, detail: t.EventMap[K]) => void;
type Begin = NonNullable<TrainArgs["begin"]>;

export class Trainer {
  /** True while something of it is under way. */
  busy = false;

  constructor(
    private readonly link: Link,
    private readonly emit: Emit,
  ) {}

  train(options: t.TrainOptions): t.Run<t.TrainProgress, t.TrainResult> {
    known(options, TRAIN_KEYS, "train");
    const { signal, activate = true, label, resume = false, ...ask } = options;
    const begin = { ask: plain(ask, "train"), activate, ...(label !== undefined && { label }) } as Begin;
    return this.alone((inner, progress) => this.one({ begin, resume }, inner, progress), signal);
  }

  resume(options: { signal?: AbortSignal }): t.Run<t.TrainProgress, t.TrainResult> {
    known(options, ["signal"], "resume");
    return this.alone((inner, progress) => this.one({ resume: true }, inner, progress), options.signal);
  }

  retrainAll(options: t.RetrainOptions): t.Run<t.RetrainProgress, t.RetrainResult[]> {
    known(options, RETRAIN_KEYS, "retrainAll");
    const { models, signal, activate, metric = "ndcg", ...rest } = options;
    if (metric !== "ndcg" && metric !== "rmse") throw refuse("retrainAll.metric", '"ndcg" or "rmse"', metric);
    const unmeasured = rest.validation?.split === "none";
    if (activate !== undefined && activate !== false && (activate !== "best" || unmeasured))
      throw refuse(
        "retrainAll.activate",
        unmeasured ? "false, where nothing is held out" : '"best" or false',
        activate,
      );
    const shared = plain(rest, "retrainAll");
    const named = models?.map((model, i) => {
      const one = typeof model === "string" ? { model } : model;
      known(one, ["model", "params", "label"], `retrainAll.models[${i}]`);
      return plain(one, `retrainAll.models[${i}]`);
    });
    return this.alone(async (inner, progress) => {
      const all = named ?? (await this.everyKind());
      // What is misspelt is refused before anything is trained.
      for (const { model, params } of all)
        if (params !== "best") await this.link.call("check", { model, ...(params && { params }) });
      // One seed for all: they are measured on the same ratings.
      const seed = rest.seed ?? Math.floor(Math.random() * 2 ** 53);
      const results: t.RetrainResult[] = [];
      for (const [i, { label, ...one }] of all.entries()) {
        const begin = { ask: { seed, ...shared, ...one }, activate: false, ...(label !== undefined && { label }) };
        const tell = (p: t.TrainProgress) => progress({ ...p, model: one.model, index: i + 1, of: all.length });
        results.push({ ...(await this.attempt(begin, inner, tell)), model: one.model });
      }
      const measured = results.flatMap((r) =>
        r.trained && r.metrics ? [{ id: r.id, figure: r.metrics[metric] }] : [],
      );
      const better = (a: number, b: number) => (metric === "rmse" ? a < b : a > b);
      const best = measured.reduce((a, b) => (better(b.figure, a.figure) ? b : a), measured[0] as (typeof measured)[0]);
      if (!best || activate === false || unmeasured) return results;
      await this.link.call("activate", { id: best.id });
      this.emit("changed", { what: "model" });
      return results.map((r) => (r.trained ? { ...r, active: r.id === best.id } : r));
    }, signal);
  }

  search<M extends t.ModelName>(options: t.SearchOptions<M>): t.Run<t.SearchProgress<M>, t.SearchResult<M>> {
    known(options, SEARCH_KEYS, "search");
    const { signal, timeBudgetMs, ...ask } = options;
    if (timeBudgetMs !== undefined && !(timeBudgetMs > 0)) throw refuse("search.timeBudgetMs", "above 0", timeBudgetMs);
    const args = { ask: plain(ask, "search"), ...(timeBudgetMs !== undefined && { timeBudgetMs }) };
    return this.alone(
      (inner, progress) =>
        this.link.call("search", args, { signal: inner, progress: progress as never }) as Promise<never>,
      signal,
    );
  }

  /** All kinds, with the best parameters that are known. */
  private async everyKind(): Promise<{ model: t.ModelName; params?: t.AnyParams | "best"; label?: string }[]> {
    const best = new Set((await this.link.call("best", null)).map(({ model }) => model));
    const kinds = await this.link.call("kinds", null);
    return kinds.map(({ name }) => ({ model: name, ...(best.has(name) && { params: "best" as const }) }));
  }

  /** A training whose failure is a result; an abort and the end of everything are not. */
  private async attempt(
    begin: Begin,
    signal: AbortSignal,
    progress: (p: t.TrainProgress) => void,
  ): Promise<t.TrainResult | t.TrainingFailed> {
    try {
      return await this.one({ begin, resume: false }, signal, progress);
    } catch (error) {
      if (!(error instanceof TasteprintError) || error.code === "aborted" || error.code === "closed") throw error;
      return { trained: false, reason: "failed", message: error.message, error };
    }
  }

  private async one(
    args: TrainArgs,
    signal: AbortSignal,
    progress: (p: t.TrainProgress) => void,
  ): Promise<t.TrainResult> {
    const tell = (p: t.TrainProgress) => {
      progress(p);
      this.emit("progress", p);
    };
    const result = await this.link.call("train", args, { signal, progress: tell });
    if (result.trained) {
      this.emit("trained", result);
      this.emit("changed", { what: "model" });
    }
    return result;
  }

  private alone<P, R>(
    work: (signal: AbortSignal, progress: (p: P) => void) => Promise<R>,
    signal?: AbortSignal,
  ): t.Run<P, R> {
    if (this.busy)
      throw TasteprintError.of("busy", "a training is under way", { hint: "Wait for it to end, or abort it." });
    this.busy = true;
    return run<P, R>(async (inner, progress) => {
      try {
        return await work(inner, progress);
      } finally {
        this.busy = false;
      }
    }, signal);
  }
}
