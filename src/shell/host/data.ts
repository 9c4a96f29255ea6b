/** The community's ratings: columns, files, and where they are kept. */
import type { Community } from "tasteprint:bindings";
import { TasteprintError } from "../errors.ts";
import type { Bindings } from "../init.ts";
import type { Task } from "../protocol.ts";
import type { CatalogItem, DataReport, ImportProgress, InteractionColumns } from "../types.ts";
import { entriesOf, isZip, unpack } from "../zip.ts";
import { CatalogIndex } from "./catalog.ts";
import { dropCheckpoint } from "./checkpoint.ts";
import { breathe, type House } from "./rooms.ts";

const DATA = "data";
/** Bytes given to the engine at once: about 10 ms of parsing. */
const PORTION = 1 << 20;

/** Checked columns; throws what the engine refuses. */
export function columnsOf(bindings: Bindings, columns: InteractionColumns): Community {
  const { userIds, itemIds, users, items, ratings, at, scale, label } = columns;
  const kinds = Object.entries(columns.context ?? {});
  const context = kinds.map(([name, { words }]) => ({ name, words }));
  const about = { userIds, itemIds, context, ...(scale && { scale }), ...(label !== undefined && { label }) };
  const said = new Uint32Array(kinds.reduce((sum, [, { of }]) => sum + of.length, 0));
  let next = 0;
  for (const [, { of }] of kinds) {
    said.set(of, next);
    next += of.length;
  }
  return bindings.Community.fromColumns(about, users, items, ratings, at, said);
}

export async function addInteractions(
  house: House,
  { columns, mode }: { columns: InteractionColumns; mode: string },
): Promise<DataReport> {
  return keep(house, house.engine.stage(columnsOf(house.bindings, columns), mode));
}

/** Stored first, taken in then: where storage refuses, everything is as before. */
async function keep(house: House, community: Community): Promise<DataReport> {
  await house.store.write(DATA, community.write(), null);
  // A training on other data cannot be gone on with.
  await dropCheckpoint(house);
  takeIn(house, community);
  return house.engine.dataReport() as DataReport;
}

function takeIn(house: House, community: Community): void {
  house.engine.takeIn(community);
  const imported = house.engine.catalogItems() as CatalogItem[];
  // The site's own items know more than the engine's copy (extra fields), so they stay where nothing was imported.
  const same = imported.length === house.catalog.items.length && imported.every((item) => house.catalog.get(item.id));
  if (!same) house.catalog = new CatalogIndex(imported);
}

/** At opening: what was kept. Damaged data costs the community's ratings, never the person's feedback. */
export async function restoreData(house: House): Promise<void> {
  const slot = await house.store.read(DATA);
  if (!slot) return;
  try {
    takeIn(house, house.bindings.Community.read(slot.content));
  } catch (error) {
    const message = `The stored community ratings cannot be read: ${String((error as Error).message ?? error)}`;
    house.notice({ type: "storage", code: "storage-corrupt", message });
  }
}

export async function importRatings(
  house: House,
  { files, ask, mode }: { files: { name: string; blob: Blob }[]; ask: object; mode: string },
  task: Task,
): Promise<DataReport> {
  const { engine } = house;
  const total = files.reduce((sum, f) => sum + f.blob.size, 0);
  const state: ImportProgress = { phase: "parsing", file: "", bytes: 0, total, rows: 0, fraction: 0 };
  const report = (change: Partial<ImportProgress>) => {
    Object.assign(state, change);
    task.progress({ ...state });
  };
  engine.importBegin(ask);
  try {
    for (const { name, blob } of files) {
      const before = state.bytes;
      const feed = async (file: string, bytes: Uint8Array) => {
        for (let from = 0; from < bytes.length; from += PORTION) {
          task.signal.throwIfAborted();
          const rows = engine.importPush(bytes.subarray(from, from + PORTION));
          report({ file, rows });
          await breathe();
        }
      };
      const read = (bytes: number) => {
        const at = before + bytes;
        report({ bytes: at, fraction: (0.9 * at) / Math.max(total, 1) });
      };
      if (await isZip(blob)) {
        let packed = 0;
        for (const entry of await entriesOf(blob)) {
          const file = entry.name.split("/").pop() as string;
          engine.importFile(file);
          for await (const bytes of unpack(blob, entry)) await feed(file, bytes);
          engine.importEnd();
          packed += entry.packed;
          read(packed);
        }
        read(blob.size);
      } else {
        engine.importFile(name);
        for (let from = 0; from < blob.size; from += PORTION) {
          const bytes = new Uint8Array(await blob.slice(from, from + PORTION).arrayBuffer());
          await feed(name, bytes);
          read(Math.min(from + PORTION, blob.size));
        }
        engine.importEnd();
      }
    }
    report({ phase: "indexing", fraction: 0.92 });
    await breathe();
    task.signal.throwIfAborted();
    const staged = engine.stage(engine.importFinish(), mode);
    report({ phase: "saving", fraction: 0.96 });
    await breathe();
    task.signal.throwIfAborted();
    return await keep(house, staged);
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotReadableError")
      throw TasteprintError.of("file-format", "this file can no longer be read", {
        place: state.file,
        hint: "It was moved or changed since it was chosen; choose it again.",
      });
    throw error;
  } finally {
    engine.abandon();
  }
}
