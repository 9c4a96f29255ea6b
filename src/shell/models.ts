/** The life of versions, as `taste.models`. */
import type { Link } from "./link.ts";
import { id, known, plain, refuse } from "./options.ts";
import type { Evaluated } from "./protocol.ts";
import { bytesOf } from "./source.ts";
import type {
  BestParams,
  ComparedMetric,
  Comparison,
  Id,
  Metrics,
  ModelConfig,
  ModelKind,
  ModelName,
  ModelParams,
  ModelVersion,
  PackSource,
} from "./types.ts";

const METRICS: readonly { metric: keyof Metrics; higherIsBetter: boolean }[] = [
  { metric: "rmse", higherIsBetter: false },
  { metric: "mae", higherIsBetter: false },
  { metric: "ndcg", higherIsBetter: true },
  { metric: "precision", higherIsBetter: true },
  { metric: "recall", higherIsBetter: true },
  { metric: "coverage", higherIsBetter: true },
];

/** Trained models: listing, activating, rolling back, removing, comparing. */
export class Models {
  constructor(
    private readonly link: Link,
    private readonly changed: () => void,
  ) {}

  /** All versions, oldest first; the one that serves has `active: true`. */
  list(): Promise<ModelVersion[]> {
    return this.link.call("versions", null);
  }

  /** Every kind of model that can be trained, with the ranges and defaults of its parameters. */
  kinds(): Promise<ModelKind[]> {
    return this.link.call("kinds", null);
  }

  /**
   * A configuration with every parameter filled in.
   *
   * @throws TasteprintError `unknown-option` or `invalid-argument`, at `model` or the parameter that is wrong.
   */
  check<M extends ModelName>(config: ModelConfig<M>): Promise<{ model: M; params: Required<ModelParams[M]> }> {
    known(config, ["model", "params"], "check");
    return this.link.call("check", plain(config, "check")) as Promise<never>;
  }

  /** The best parameters that searches found for the data that is here, one for each model searched for. */
  best(): Promise<BestParams[]> {
    return this.link.call("best", null);
  }

  /**
   * Keeps the models of a pack: unlike one given at opening, it need not be given again. Serves from the first of them
   * unless `activate` is `false`.
   *
   * @throws TasteprintError `model-format` (a pack that is none), `model-version`, `storage-quota`.
   */
  async add(pack: PackSource, options: { activate?: boolean } = {}): Promise<ModelVersion[]> {
    known(options, ["activate"], "add");
    const bytes = (await bytesOf(pack, "pack")) as Uint8Array;
    const added = await this.link.call("keepPack", { pack: bytes, activate: options.activate ?? true });
    this.changed();
    return added;
  }

  /** Serves from another version. @throws TasteprintError `unknown-version`, `storage-corrupt`. */
  async activate(version: string): Promise<ModelVersion> {
    const active = await this.link.call("activate", { id: id(version, "version") });
    this.changed();
    return active;
  }

  /** Goes back to the version that served before. @throws TasteprintError `unknown-version` where there is none. */
  async rollback(): Promise<ModelVersion> {
    const active = await this.link.call("rollback", null);
    this.changed();
    return active as ModelVersion;
  }

  /** Removes a version; the one before takes over where it served. */
  async remove(version: string): Promise<void> {
    await this.link.call("removeVersion", { id: id(version, "version") });
    this.changed();
  }

  /** The factors of an item, or of a person of this browser or of the training data. */
  embedding(of: { item: Id } | { user: Id }): Promise<Float32Array> {
    return this.link.call("embedding", "item" in of ? { item: id(of.item, "item") } : { user: id(of.user, "user") });
  }

  /**
   * Two or more versions side by side; whether they really differ is known where one `evaluate({ versions })` has
   * measured all of them.
   */
  async compare(ids: string[]): Promise<Comparison> {
    const all = await this.list();
    const versions = ids.map((wanted, i) => {
      const found = all.find((v) => v.id === wanted);
      if (!found) throw refuse(`compare[${i}]`, "the id of a listed version", wanted);
      return found;
    });
    const rows = METRICS.map(({ metric, higherIsBetter }) => {
      const values = versions.map((v) => v.metrics?.[metric] ?? null);
      return { metric, values, best: bestOf(values, higherIsBetter), higherIsBetter };
    });
    const measuredOn = (v: ModelVersion) => JSON.stringify([v.data, v.metrics?.k, v.metrics?.ratings]);
    const together = togetherIn(await this.link.call("evaluated", null), ids);
    const comparable = new Set(versions.map(measuredOn)).size <= 1;
    return { versions, rows, comparable, ...(together && { together }) };
  }
}

/** Index of the best value; −1 without any. */
function bestOf(values: (number | null)[], higherIsBetter: boolean): number {
  const known = values.filter((v) => v !== null);
  return known.length > 0 ? values.indexOf(higherIsBetter ? Math.max(...known) : Math.min(...known)) : -1;
}

/** The latest evaluation that measured all of these versions. */
function togetherIn(all: Evaluated[], ids: string[]): Comparison["together"] {
  const found = all.findLast(({ versions }) => ids.every((id) => versions.some((v) => v.version === id)));
  if (!found) return undefined;
  const { protocol, k, at, versions, pairs } = found;
  const rows = METRICS.map(({ metric, higherIsBetter }) => {
    const values = ids.map((id) => versions.find((v) => v.version === id)?.metrics[metric] as number);
    const best = bestOf(values, higherIsBetter);
    const differences = ids.map((id) => {
      const pair = pairs.find(({ a, b }) => (a === id && b === ids[best]) || (b === id && a === ids[best]));
      const known = pair?.figures[metric as ComparedMetric];
      if (!known || pair.a === id) return known ?? null;
      const { difference, low, high, ...rest } = known;
      return { ...rest, difference: -difference, low: -high, high: -low };
    });
    return { metric, values, best, higherIsBetter, differences };
  });
  return { protocol, k, at, rows };
}
