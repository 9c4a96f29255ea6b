/** The database as a stranger sees it, past the library. */

export const PREFIX = "tasteprint:";

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** The database of a name; closed after `work`. */
export async function database<T>(name: string, work: (db: IDBDatabase) => Promise<T> | T): Promise<T> {
  const db = await settled(indexedDB.open(PREFIX + name));
  try {
    return await work(db);
  } finally {
    db.close();
  }
}

/** Every key and value of an object store. */
export function rows<K = IDBValidKey, V = unknown>(name: string, store: string): Promise<{ key: K; value: V }[]> {
  return database(name, async (db) => {
    const objects = db.transaction(store).objectStore(store);
    const [keys, values] = await Promise.all([settled(objects.getAllKeys()), settled(objects.getAll())]);
    return keys.map((key, i) => ({ key: key as K, value: values[i] as V }));
  });
}

export function put(name: string, store: string, key: IDBValidKey, value: unknown): Promise<unknown> {
  return database(name, (db) => settled(db.transaction(store, "readwrite").objectStore(store).put(value, key)));
}

/** Number of records by object store. */
export function counts(name: string): Promise<Record<string, number>> {
  return database(name, async (db) => {
    const names = [...db.objectStoreNames];
    const tx = db.transaction(names);
    const all = await Promise.all(names.map((store) => settled(tx.objectStore(store).count())));
    return Object.fromEntries(names.map((store, i) => [store, all[i] as number]));
  });
}

interface Manifest {
  slot: string;
  generation: number;
  batch: number;
  bytes: number;
  chunks: number;
  hash: string;
}
type ChunkKey = [string, number, number];

/** Newest manifest of each slot, with whether its chunks are whole and have the hash it promises. */
export async function slots(name: string): Promise<(Manifest & { whole: boolean })[]> {
  const manifests = await rows<[string, number], Manifest>(name, "manifests");
  const chunks = await rows<ChunkKey, ArrayBuffer>(name, "chunks");
  const newest = new Map(manifests.map(({ value }) => [value.slot, value]));
  return Promise.all(
    [...newest.values()].map(async (manifest) => {
      const parts = chunks.filter(({ key }) => key[0] === manifest.slot && key[1] === manifest.batch);
      const bytes = await new Blob(parts.map(({ value }) => value)).arrayBuffer();
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      const hash = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      return { ...manifest, whole: parts.length === manifest.chunks && hash === manifest.hash };
    }),
  );
}

/** Turns one bit of the newest content of a slot; `at` is a share of the chunk's length. */
export async function flipChunk(name: string, slot: string, at = 0.5): Promise<void> {
  const manifest = (await slots(name)).find((found) => found.slot === slot);
  if (!manifest) throw new Error(`no slot ${slot}`);
  const all = await rows<ChunkKey, ArrayBuffer>(name, "chunks");
  const chunk = all.find(({ key }) => key[0] === slot && key[1] === manifest.batch);
  if (!chunk) throw new Error(`no chunk of ${slot}`);
  const bytes = new Uint8Array(chunk.value);
  const place = Math.floor(at * (bytes.length - 1));
  bytes[place] = (bytes[place] as number) ^ 1;
  await put(name, "chunks", chunk.key, bytes.buffer);
}

/** Changes the newest manifest of a slot. */
export async function changeManifest(name: string, slot: string, change: object): Promise<void> {
  const all = await rows<[string, number], Manifest>(name, "manifests");
  const newest = all.filter(({ key }) => key[0] === slot).at(-1);
  if (!newest) throw new Error(`no manifest of ${slot}`);
  await put(name, "manifests", newest.key, { ...newest.value, ...change });
}
