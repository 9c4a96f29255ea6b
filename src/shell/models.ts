/** The life of versions, as `taste.models`. */
import type { Link } from "./link.ts";
import { id, refuse } from "./options.ts";
import type { Comparison, Id, Metrics, ModelVersion } from "./types.ts";

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

  /** Two or more versions side by side. */
  async compare(ids: string[]): Promise<Comparison> {
    const all = await this.list();
    const versions = ids.map((wanted, i) => {
      const found = all.find((v) => v.id === wanted);
      if (!found) throw refuse(`compare[${i}]`, "the id of a listed version", wanted);
      return found;
    });
    const rows = METRICS.map(({ metric, higherIsBetter }) => {
      const values = versions.map((v) => v.metrics?.[metric] ?? null);
      const known = values.filter((v) => v !== null);
      const top = higherIsBetter ? Math.max(...known) : Math.min(...known);
      return { metric, values, best: known.length > 0 ? values.indexOf(top) : -1, higherIsBetter };
    });
    const measuredOn = (v: ModelVersion) => JSON.stringify([v.data, v.metrics?.k, v.metrics?.ratings]);
    return { versions, rows, comparable: new Set(versions.map(measuredOn)).size <= 1 };
  }
}
