/** An engine with its store: takes requests, wherever it runs. Feedback is stored before it is learned from. */
import { type ErrorCode, TasteprintError } from "../errors.ts";
import { fetchWorkshop, load, memoryBytes, workshop } from "../init.ts";
import { refuse } from "../options.ts";
import type { Args, HostLike, HostStatus, Notice, OpenArgs, OpName, Progress, Reply, Task } from "../protocol.ts";
import { sayer } from "../say/index.ts";
import { openStore } from "../store-open.ts";
import type {
  CatalogItem,
  Explanation,
  FeedbackReceipt,
  FeedbackRow,
  ForgetTarget,
  Prediction,
  Reason,
  Recommendation,
  SimilarItem,
  StoredFeedback,
  Warning,
} from "../types.ts";
import { CatalogIndex } from "./catalog.ts";
import { dropCheckpoint, readKept, shownOf } from "./checkpoint.ts";
import { restoreData } from "./data.ts";
import { best, evaluated, forgetOwn } from "./memory.ts";
import * as models from "./models.ts";
import { type House, inTurn, type Registry } from "./rooms.ts";

type Handlers = {
  [O in OpName]: (args: Args<O>, task: Task & { progress: (p: Progress<O>) => void }) => Promise<Reply<O>> | Reply<O>;
};

/** Work that must not overlap with other work of this kind. */
const LONG: ReadonlySet<OpName> = new Set([
  "train",
  "search",
  "evaluate",
  "learningCurve",
  "benchmark",
  "importRatings",
  "addInteractions",
  "importAll",
  "fitTable",
  // A training that had copied what is to be forgotten would bring it back.
  "forget",
] as const);

export class Host implements HostLike {
  private house: House | undefined;
  private running: OpName | undefined;
  private siteCatalog: CatalogItem[] = [];

  constructor(private readonly notice: (notice: Notice) => void) {}

  async handle(op: OpName, args: unknown, task: Task): Promise<unknown> {
    const handler = this.handlers[op] as (args: unknown, task: Task) => unknown;
    if (!handler) throw refuse("op", "an operation", op);
    const long = LONG.has(op);
    if (long && this.running)
      throw TasteprintError.of("busy", `${this.running} is under way`, { hint: "Wait for it to end, or abort it." });
    if (long) this.running = op;
    try {
      return await handler(args, task);
    } catch (error) {
      throw this.translate(error);
    } finally {
      if (long) this.running = undefined;
    }
  }

  /** Whatever was thrown as our own error. A trap in the wasm means that the engine is dead. */
  private translate(error: unknown): unknown {
    // By shape: the workshop has a class of its own.
    if (error instanceof Error && "code" in error && "details" in error) return error;
    // Closed in the middle of long work, on the page's own thread.
    if (!this.house && error instanceof Error && /null pointer passed to rust/.test(error.message))
      return TasteprintError.of("closed", "this was closed while it worked");
    // Work beside the call that trapped finds an engine that is still lent out.
    if (error instanceof WebAssembly.RuntimeError || (error instanceof Error && /^recursive use/.test(error.message))) {
      const text = this.house?.bindings.lastPanic() || error.message;
      return TasteprintError.of("engine-crashed", `the engine crashed: ${text}`, {
        hint: "It has been started again from what is stored; the same call may be made again.",
      });
    }
    if (error instanceof DOMException && error.name === "AbortError")
      return TasteprintError.of("aborted", "this was aborted");
    const thrown = error as { code?: ErrorCode; message?: string; details?: object };
    if (thrown && typeof thrown === "object" && !(thrown instanceof Error) && typeof thrown.code === "string")
      return new TasteprintError(thrown.code, thrown.message ?? thrown.code, thrown.details);
    return error;
  }

  private get open(): House {
    if (!this.house)
      throw TasteprintError.of("closed", "nothing is open here", { hint: "Call Tasteprint.open() first." });
    return this.house;
  }

  /** What learns and examines; nothing of it is needed before something is open. An abort does not wait for it. */
  private async workshop({ signal }: Task): Promise<Awaited<ReturnType<typeof workshop>>> {
    void this.open;
    let heard = () => {};
    const aborted = new Promise<never>((_, reject) => {
      heard = () => reject(signal.reason);
      signal.addEventListener("abort", heard, { once: true });
    });
    try {
      return await Promise.race([workshop(), aborted]);
    } finally {
      signal.removeEventListener("abort", heard);
    }
  }

  private readonly handlers: Handlers = {
    open: async (args) => {
      const bindings = await load(args.wasm);
      const engine = new bindings.Engine();
      engine.declareScale(args.scale);
      const store = await openStore({
        name: args.name,
        persistence: args.persistence,
        timeout: args.storageTimeout,
        hash: bindings.sha256,
        notice: (n) => this.notice({ type: "storage", ...n }),
      });
      const { catalog, pack, journal, ...rest } = args;
      this.siteCatalog = catalog ?? [];
      const house: House = {
        bindings,
        engine,
        store,
        catalog: new CatalogIndex([]),
        registry: { versions: [], past: [] },
        packs: new Map(),
        tables: new Map(),
        args: rest,
        notice: this.notice,
        upTo: 0,
        siteless: !catalog,
        turn: inTurn(),
      };
      try {
        await this.furnish(house, args, journal);
      } catch (error) {
        await store.close();
        throw error;
      }
      this.house = house;
      // Whoever needs it is told of a failure; nobody does yet.
      fetchWorkshop().catch(() => {});
      return { persistence: store.persistence };
    },

    close: async () => {
      const house = this.open;
      this.house = undefined;
      await house.store.close();
      for (const table of house.tables.values()) table.free();
      house.tables.clear();
      house.engine.free();
      return null;
    },

    feedback: (row) => this.feedback(row),
    events: async ({ profile }) => {
      const all = await this.open.store.events();
      return profile === undefined ? all : all.filter((e) => e.profile === profile);
    },

    recommend: (ask) => {
      const answer = this.open.engine.recommend(ask) as { list: Recommendation[]; warnings: Warning[] };
      for (const place of answer.list) if (place.reasons) place.reasons = this.say(place.reasons);
      return answer;
    },
    explain: (ask) => {
      const answer = this.open.engine.explain(ask) as Explanation;
      return { ...answer, reasons: this.say(answer.reasons) };
    },
    predict: (ask) => {
      const answer = this.open.engine.predict(ask) as Omit<Prediction, "value"> & { value: number | null };
      // JSON knows no NaN.
      return { ...answer, value: answer.value ?? Number.NaN };
    },
    similar: (ask) => this.open.engine.similar(ask) as SimilarItem[],
    embedding: (of) =>
      "item" in of ? this.open.engine.itemEmbedding(of.item) : this.open.engine.userEmbedding(of.user),

    items: ({ query, offset = 0, limit = 20 }) => {
      const found = query?.trim() ? this.open.catalog.search(query) : this.prominent();
      return { items: found.slice(offset, offset + limit), total: found.length };
    },
    item: ({ id }) => this.open.catalog.get(id) ?? null,
    setCatalog: (items) => {
      this.open.engine.setCatalog(items);
      this.siteCatalog = items;
      this.open.catalog = new CatalogIndex(items);
      this.open.siteless = false;
      return null;
    },

    addInteractions: async (args, task) => (await this.workshop(task)).addInteractions(this.open, args),
    importRatings: async (args, task) => (await this.workshop(task)).importRatings(this.open, args, task),
    data: async (_, task) => {
      await this.workshop(task);
      return (this.open.engine.dataReport() as Reply<"data"> | undefined) ?? null;
    },

    train: async (args, task) => (await this.workshop(task)).train(this.open, args, task),
    search: async (args, task) => (await this.workshop(task)).search(this.open, args, task),
    evaluate: async (args, task) => (await this.workshop(task)).evaluate(this.open, args, task),
    learningCurve: async (args, task) => (await this.workshop(task)).learningCurve(this.open, args, task),
    benchmark: async (args, task) => (await this.workshop(task)).benchmark(this.open, args, task),
    fitTable: async (args, task) => (await this.workshop(task)).fitTable(this.open, args, task),
    predictTable: async (args, task) => (await this.workshop(task)).predictTable(this.open, args, task),
    explainTable: async (args, task) => (await this.workshop(task)).explainTable(this.open, args, task),
    closeTable: ({ handle }) => {
      const { tables } = this.open;
      tables.get(handle)?.free();
      tables.delete(handle);
      return null;
    },
    kinds: async (_, task) => {
      await this.workshop(task);
      return this.open.bindings.kinds() as Reply<"kinds">;
    },
    check: async (config, task) => (await this.workshop(task)).check(this.open, config),
    best: () => best(this.open),
    evaluated: () => evaluated(this.open),
    versions: () => models.versions(this.open),
    activate: ({ id }) => models.activate(this.open, id),
    rollback: () => models.rollback(this.open),
    removeVersion: async ({ id }) => {
      await models.removeVersion(this.open, id);
      return null;
    },

    status: () => {
      const { engine, store, kept } = this.open;
      const status = engine.status() as Omit<HostStatus, "persistence" | "memory" | "checkpoint">;
      const { persistence } = store;
      return {
        ...status,
        active: status.active ?? null,
        checkpoint: shownOf(kept),
        persistence,
        memory: memoryBytes(),
      };
    },
    stateHash: () => this.open.engine.stateHash(),
    exportAll: async (options, task) => (await this.workshop(task)).exportAll(this.open, options),
    importAll: async (file, task) => {
      await (await this.workshop(task)).importAll(this.open, file);
      await this.refresh();
      return null;
    },
    exportPack: async (options, task) => (await this.workshop(task)).exportPack(this.open, options),
    keepPack: (args) => models.keepPack(this.open, args),
    forget: (target) => this.forget(target),
    crash: (message) => {
      this.open.engine.crash?.(message);
      return null;
    },
  };

  /** Snapshot first, replay after: the order of every start. */
  private async furnish(
    house: House,
    args: OpenArgs,
    journal?: StoredFeedback[],
    parts = args.pack ? models.partsOf(house, args.pack) : [],
  ): Promise<void> {
    const { engine, store } = house;
    if (args.catalog) {
      engine.setCatalog(args.catalog);
      house.catalog = new CatalogIndex(args.catalog);
    }
    const kept = (await store.getMeta("registry")) as Registry | undefined;
    if (kept) house.registry = { ...kept, versions: kept.versions.filter((v) => v.source !== "pack") };
    models.addPack(house, parts);
    if (kept?.active !== undefined && house.registry.versions.some((v) => v.id === kept.active))
      house.registry.active = kept.active;
    // A pack of last time that is not given any more is neither served nor gone back to.
    const listed = new Set(house.registry.versions.map((v) => v.id));
    const past = house.registry.past.filter((id) => listed.has(id));
    const { active, versions } = house.registry;
    const serving = active !== undefined && listed.has(active) ? active : past.pop();
    house.registry = { versions, past, ...(serving !== undefined && { active: serving }) };
    await readKept(house);
    await restoreData(house);
    await models.serveActive(house);
    if (house.catalog.items.length === 0) house.catalog = new CatalogIndex(engine.catalogItems() as CatalogItem[]);
    if (journal && store.persistence === "memory" && (await store.count()) === 0)
      await store.append(journal.map(({ seq: _, ...row }) => row));
    const rows = await store.events();
    engine.replay(forEngine(rows));
    house.upTo = rows.at(-1)?.seq ?? 0;
  }

  /** Everything anew from the store, as at a start. */
  private async refresh(): Promise<void> {
    const { house } = this;
    if (!house) return;
    const { bindings, store, args, packs } = house;
    const engine = new bindings.Engine();
    engine.declareScale(args.scale);
    const catalog = this.siteCatalog;
    const anew: House = { ...house, engine, registry: { versions: [], past: [] }, packs: new Map() };
    await this.furnish(anew, { ...args, ...(catalog.length > 0 && { catalog }) }, undefined, [...packs.values()]);
    house.engine.free();
    this.house = { ...anew, store };
  }

  private async feedback(row: FeedbackRow): Promise<FeedbackReceipt> {
    const { engine, store } = this.open;
    const warnings = engine.checkEvent(forEngine([{ ...row, seq: 0 }])[0], Date.now()) as Warning[];
    const [seq] = await store.append([row]);
    const stored: StoredFeedback = { ...row, seq: seq as number };
    // The house may have been refreshed while the row was on its way, with or without it.
    const now = this.house;
    if (now && (now.engine === engine || stored.seq > now.upTo)) now.engine.applyEvent(forEngine([stored])[0]);
    return { ...stored, warnings };
  }

  private async forget(target: ForgetTarget): Promise<Reply<"forget">> {
    const house = this.open;
    const before = await house.store.count();
    if (target === "everything") {
      await house.store.clear();
      const versions = house.registry.versions.filter((v) => v.source !== "pack").map((v) => v.id);
      house.registry = { versions: [], past: [] };
      // The site's catalog and pack are all that is left.
      house.catalog = new CatalogIndex(this.siteCatalog);
      await this.refresh();
      return { removed: before, versions };
    }
    const removed = await house.store.removeEvents(target);
    // A model that learned from this browser's feedback remembers it: it goes too.
    const versions = house.registry.versions.filter((v) => removed > 0 && (v.data.feedback ?? 0) > 0).map((v) => v.id);
    for (const id of versions) await models.removeVersion(house, id);
    // So does one under way.
    if (removed > 0 && house.kept?.own) await dropCheckpoint(house);
    if (removed > 0) await forgetOwn(house);
    house.engine.replay(forEngine(await house.store.events()));
    return { removed, versions };
  }

  private say(reasons: Omit<Reason, "text">[]): Reason[] {
    const sentence = sayer(this.open.args.locale, (id) => this.open.catalog.title(id));
    return reasons.map((reason) => ({ ...reason, text: sentence(reason) }));
  }

  /** The catalog as somebody nothing is known about would be shown it. */
  private prominent(): CatalogItem[] {
    const { engine, catalog } = this.open;
    const k = Math.min(1000, Math.max(1, catalog.items.length));
    const { list } = engine.recommend({ profile: "\u0001", k, excludeSeen: false }) as { list: Recommendation[] };
    const first = list.map((place) => catalog.get(place.item)).filter((item) => item !== undefined);
    const there = new Set(first);
    return [...first, ...catalog.items.filter((item) => !there.has(item))];
  }
}

/** `null` withdraws on our side; on the engine's an absent rating does. */
const forEngine = (rows: StoredFeedback[]): object[] =>
  rows.map((row) => ({ ...row, rating: row.rating ?? undefined }));
