/** What a page opens with, checked and fetched. */
import { catalogOf } from "./inputs.ts";
import type { LinkOptions } from "./link.ts";
import { id, known, plain, refuse } from "./options.ts";
import { bytesOf, moduleOf } from "./source.ts";
import type { OpenOptions } from "./types.ts";

const OPEN_KEYS = [
  "name",
  "catalog",
  "pack",
  "scale",
  "persistence",
  "worker",
  "wasm",
  "locale",
  "storageTimeout",
] as const;

/** Where the engine runs, and what it is opened with. */
export type Opening = Pick<LinkOptions, "worker" | "open">;

export async function openingOf(options: OpenOptions): Promise<Opening> {
  known(options, OPEN_KEYS, "open");
  const { name = "default", persistence = "indexeddb", worker = true, storageTimeout = 3000 } = options;
  id(name, "open.name");
  if (persistence !== "indexeddb" && persistence !== "memory")
    throw refuse("open.persistence", '"indexeddb" or "memory"', persistence);
  if (!(storageTimeout > 0 && storageTimeout <= 60_000))
    throw refuse("open.storageTimeout", "above 0, up to 60000 milliseconds", storageTimeout);
  const [pack, wasm] = await Promise.all([bytesOf(options.pack, "open.pack"), moduleOf(options.wasm)]);
  const open = {
    name,
    persistence,
    storageTimeout,
    locale: options.locale ?? globalThis.document?.documentElement.lang ?? "en",
    ...(options.catalog && { catalog: catalogOf(options.catalog) }),
    ...(options.scale && { scale: plain(options.scale, "open.scale") }),
    ...(pack && { pack }),
    ...(wasm && { wasm }),
  };
  return { worker, open };
}
