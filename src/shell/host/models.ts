/** Training, evaluation, and the life of versions. */
import { TasteprintError } from "../errors.ts";
import type { EvaluateAsk, Task } from "../protocol.ts";
import type { SlotContent } from "../store.ts";
import type {
  CatalogItem,
  EvaluationReport,
  InteractionColumns,
  ModelVersion,
  NotTrained,
  TrainProgress,
  TrainResult,
} from "../types.ts";
import { CatalogIndex } from "./catalog.ts";
import { columnsOf } from "./data.ts";
import { breathe, type House, pacer, type Registry } from "./rooms.ts";

export const slotOf = (id: string) => `model:${id}`;

const shown = (house: House, version: Registry["versions"][number]): ModelVersion => ({
  ...version,
  active: house.registry.active === version.id,
});

export const versions = (house: House): ModelVersion[] => house.registry.versions.map((v) => shown(house, v));

function version(house: House, id: string): ModelVersion {
  const found = house.registry.versions.find((v) => v.id === id);
  if (!found) step(house, "activate", id);
  return shown(house, found as Registry["versions"][number]);
}

/** The list after one step; throws what the engine refuses. */
function step(house: House, what: string, id: string, added?: unknown): Registry {
  return house.bindings.registryStep(house.registry, what, id, added) as Registry;
}

/** Puts packs of this opening into the list, without storing anything: the site gives them again next time. */
export function addPack(house: House, bytes: Uint8Array): void {
  const described = house.bindings.describe(bytes, "pack", Date.now()) as Registry["versions"][number];
  house.packs.set(described.id, bytes);
  const listed = house.registry.versions.some((v) => v.id === described.id);
  if (!listed) house.registry = step(house, "add", described.id, described);
  // A person's own choice stays; another pack than last time takes the place of the old one.
  const active = house.registry.versions.find((v) => v.id === house.registry.active);
  if (!active || (active.source === "pack" && !house.packs.has(active.id)))
    house.registry = step(house, "activate", described.id);
}

/** Loads what the list says is active; steps back version by version where bytes are missing or damaged. */
export async function serveActive(house: House): Promise<void> {
  for (let id = house.registry.active; id !== undefined; id = house.registry.active) {
    const problem = await tryServe(house, id);
    if (!problem) return;
    house.notice({
      type: "storage",
      code: "storage-corrupt",
      message: `The model ${id} could not be loaded (${problem}); an earlier one takes its place. No feedback is lost.`,
    });
    house.registry = step(house, "remove", id);
  }
  house.engine.unserve();
}

async function tryServe(house: House, id: string): Promise<string | undefined> {
  const bytes = house.packs.get(id) ?? (await house.store.read(slotOf(id)))?.content;
  if (!bytes) return "its bytes are not there or damaged";
  try {
    house.engine.serve(id, bytes);
    mirror(house);
    return undefined;
  } catch (error) {
    return String((error as { message?: string }).message ?? error);
  }
}

export const activate = (house: House, id: string): Promise<ModelVersion> =>
  house.turn(async () => become(house, step(house, "activate", id)));

export const rollback = (house: House): Promise<ModelVersion> =>
  house.turn(async () => become(house, step(house, "rollback", "")));

/** Serves what a new list names, then stores the list; where either fails everything is as before. */
async function become(house: House, next: Registry): Promise<ModelVersion> {
  const before = house.registry;
  const id = next.active as string;
  const problem = await tryServe(house, id);
  if (problem)
    throw TasteprintError.of("storage-corrupt", "this version cannot be served", {
      place: id,
      got: problem,
      hint: "Remove it, and train or activate another one.",
    });
  house.registry = next;
  try {
    await house.store.setMeta({ registry: next });
  } catch (error) {
    house.registry = before;
    await serveActive(house);
    throw error;
  }
  return version(house, id);
}

export const removeVersion = (house: House, id: string): Promise<void> =>
  house.turn(async () => {
    const next = step(house, "remove", id);
    await house.store.remove(slotOf(id), { registry: next });
    const served = house.registry.active;
    house.registry = next;
    if (served !== next.active) await serveActive(house);
  });

/** Without a site's catalog the engine shows what its model knows; search has to know it too. */
function mirror(house: House): void {
  if (house.siteless) house.catalog = new CatalogIndex(house.engine.catalogItems() as CatalogItem[]);
}

export async function train(
  house: House,
  { ask, activate: serve, label }: { ask: object; activate: boolean; label?: string },
  task: Task,
): Promise<TrainResult> {
  const { engine, bindings, store } = house;
  const started = performance.now();
  const seeded = { seed: bindings.randomSeed(), ...ask };
  const refused = engine.trainBegin(seeded) as Omit<NotTrained, "trained"> | undefined;
  if (refused) return { trained: false, ...refused };
  try {
    const pace = pacer();
    for (let last = 0, epoch = -1; ; ) {
      task.signal.throwIfAborted();
      const p = pace.timed((budget) => engine.trainStep(budget)) as Omit<TrainProgress, "phase"> & { phase: string };
      if (p.phase === "done") break;
      const now = performance.now();
      // Every epoch is reported, for the chart; within one, often enough for a bar to move.
      if (p.epoch !== epoch || now - last > 60) {
        const etaMs = p.fraction > 0.01 ? ((now - started) * (1 - p.fraction)) / p.fraction : undefined;
        task.progress({ ...p, ...(etaMs !== undefined && { etaMs }) });
        [last, epoch] = [now, p.epoch];
      }
      await breathe();
    }
    const id = bindings.randomId();
    const name =
      label ?? `${(ask as { model: string }).model} ${new Date().toISOString().slice(0, 16).replace("T", " ")}`;
    const done = engine.trainFinish(id, name, Date.now(), performance.now() - started) as {
      version: Registry["versions"][number];
      bytes: Uint8Array;
    };
    const { epochs = 1 } = done.version.params;
    task.progress({ phase: "saving", epoch: done.version.history.length, epochs, fraction: 1 });
    await breathe();
    task.signal.throwIfAborted();
    return { ...(await house.turn(() => keep(house, done, serve))), trained: true };
  } finally {
    engine.abandon();
  }

  /** Bytes, list and the choice of what serves change in one transaction. */
  async function keep(
    h: House,
    { version: v, bytes }: { version: Registry["versions"][number]; bytes: Uint8Array },
    on: boolean,
  ) {
    const added = step(h, "add", v.id, v);
    const next = on ? (bindings.registryStep(added, "activate", v.id, undefined) as Registry) : added;
    await store.write(slotOf(v.id), bytes, { model: v.model }, { registry: next });
    h.registry = next;
    if (on) {
      engine.serve(v.id, bytes);
      mirror(h);
    }
    return version(h, v.id);
  }
}

export async function evaluate(
  house: House,
  { ask, test }: { ask: EvaluateAsk; test?: InteractionColumns },
  task: Task,
): Promise<EvaluationReport> {
  const { engine, bindings } = house;
  const { versions: ids, models = [], ...rest } = ask;
  const active = house.registry.active === undefined ? [] : [house.registry.active];
  const named = (ids ?? (models.length > 0 ? [] : active)).map((id) => {
    const { label, model, params } = version(house, id);
    return { name: label, version: id, model, params };
  });
  const request = { seed: bindings.randomSeed(), ...rest, models: [...named, ...models] };
  engine.evaluateBegin(request, test && columnsOf(bindings, test));
  try {
    const pace = pacer();
    for (let fraction = 0; fraction < 1; ) {
      task.signal.throwIfAborted();
      fraction = pace.timed((budget) => engine.evaluateStep(budget));
      task.progress({ fraction });
      await breathe();
    }
    return engine.evaluateFinish() as EvaluationReport;
  } finally {
    engine.abandon();
  }
}

/** True where the newest generation of a slot had to be given up. */
export function noticeRecovered(house: House, slot: SlotContent | undefined): void {
  if (slot?.recovered)
    house.notice({
      type: "storage",
      code: "storage-corrupt",
      message: `The latest copy of ${slot.slot} was damaged; the one before is used.`,
    });
}
