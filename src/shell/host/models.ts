/** The life of versions. */
import { TasteprintError } from "../errors.ts";
import type { CatalogItem, ExportPackOptions, ModelVersion } from "../types.ts";
import { CatalogIndex } from "./catalog.ts";
import { CHECKPOINT, dropCheckpoint } from "./checkpoint.ts";
import type { House, PackPart, Registry } from "./rooms.ts";

export const slotOf = (id: string) => `model:${id}`;

const shown = (house: House, version: Registry["versions"][number]): ModelVersion => ({
  ...version,
  active: house.registry.active === version.id,
});

export const versions = (house: House): ModelVersion[] => house.registry.versions.map((v) => shown(house, v));

/** One version; throws where it is not listed. */
export function version(house: House, id: string): ModelVersion {
  const found = house.registry.versions.find((v) => v.id === id);
  if (!found) step(house, "activate", id);
  return shown(house, found as Registry["versions"][number]);
}

/** The list after one step; throws what the engine refuses. */
function step(house: House, what: string, id: string, added?: unknown): Registry {
  return house.bindings.registryStep(house.registry, what, id, added) as Registry;
}

/** Throws where no further version can be kept: better said before an hour of training than after it. */
export const room = (house: House): void => void step(house, "add", "", { id: "" });

/** The models of a pack; throws what the engine refuses. */
export const partsOf = (house: House, pack: Uint8Array): PackPart[] =>
  house.bindings.openPack(pack, Date.now()) as PackPart[];

/** Puts a pack's models into the list, without storing anything: the site gives them again next time. */
export function addPack(house: House, parts: readonly PackPart[]): void {
  for (const part of parts) {
    const { id } = part.version;
    house.packs.set(id, part);
    const listed = house.registry.versions.some((v) => v.id === id);
    if (!listed) house.registry = step(house, "add", id, part.version);
  }
  // A person's own choice stays; another pack than last time takes the place of the old one.
  const active = house.registry.versions.find((v) => v.id === house.registry.active);
  const [first] = parts;
  if (first && (!active || (active.source === "pack" && !house.packs.has(active.id))))
    house.registry = step(house, "activate", first.version.id);
}

/** The bytes of a listed version. */
export const bytesOf = async (house: House, id: string): Promise<Uint8Array | undefined> =>
  house.packs.get(id)?.bytes ?? (await house.store.read(slotOf(id)))?.content;

/** A pack of listed versions, or of the one that serves. */
export async function exportPack(house: House, { versions: ids, ...ask }: ExportPackOptions): Promise<Uint8Array> {
  const active = house.registry.active;
  const listed = (ids ?? (active === undefined ? [] : [active])).map((id) => version(house, id));
  const parts: Uint8Array[] = [];
  for (const { id } of listed) {
    const bytes = await bytesOf(house, id);
    if (!bytes)
      throw TasteprintError.of("storage-corrupt", "this version cannot be read", { place: id, hint: "Remove it." });
    parts.push(bytes);
  }
  return house.engine.exportPack({ ...ask, versions: listed }, parts);
}

/** Keeps a pack's models as versions like others, which need not be given again at the next opening. */
export async function keepPack(
  house: House,
  { pack, activate: serve }: { pack: Uint8Array; activate: boolean },
): Promise<ModelVersion[]> {
  const parts = partsOf(house, pack);
  return house.turn(async () => {
    for (const { version: told, bytes } of parts) {
      const { id, model } = told;
      // What the site gives at each opening is there already.
      if (house.packs.has(id)) continue;
      const next = step(house, "add", id, { ...told, source: "imported" });
      await house.store.write(slotOf(id), bytes, { model }, { registry: next });
      house.registry = next;
    }
    const [first] = parts;
    if (serve && first) await become(house, step(house, "activate", first.version.id));
    return parts.map(({ version: { id } }) => version(house, id));
  });
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
  const bytes = await bytesOf(house, id);
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

/** Keeps a new version: bytes, list, the choice of what serves and the end of its checkpoint are one transaction. */
export const keepVersion = (
  house: House,
  { version: v, bytes }: { version: Registry["versions"][number]; bytes: Uint8Array },
  serve: boolean,
): Promise<ModelVersion> =>
  house.turn(async () => {
    const added = step(house, "add", v.id, v);
    const next = serve ? (house.bindings.registryStep(added, "activate", v.id, undefined) as Registry) : added;
    await house.store.write(slotOf(v.id), bytes, { model: v.model }, { registry: next, [CHECKPOINT]: undefined });
    house.registry = next;
    await dropCheckpoint(house).catch(() => {});
    if (serve) {
      house.engine.serve(v.id, bytes);
      mirror(house);
    }
    return version(house, v.id);
  });
