/**
 * The store that lasts. Events are appended one transaction per call; slots are written as chunks that nobody sees
 * until one transaction puts their manifest.
 */
import { TasteprintError } from "./errors.ts";
import type { SlotContent, SlotInfo, Store, StoreOptions } from "./store.ts";
import { type Connection, connect, type Manifest, NAMES, type Transaction, within } from "./store-connection.ts";
import { copyOf } from "./store-errors.ts";

/** Larger puts stall the browser's main process: 40 MB at once for a quarter of a second, 4 MiB for 33 ms at most. */
const CHUNK = 4 << 20;

/**
 * Opens or creates the database `tasteprint:<name>`.
 *
 * Transactions use relaxed durability: what was acknowledged outlives a killed tab or browser, though not
 * necessarily a power cut. Rejects with `storage-version`, `storage-blocked`, `storage-quota` or
 * `storage-unavailable`, always in bounded time; the database is then as it was.
 */
export async function openIndexedDbStore(options: StoreOptions): Promise<Store> {
  const connection = await connect(options);
  const { run } = connection;
  const lock = `tasteprint:${options.name}:write`;
  let last: number;
  try {
    // The first transaction shows whether the database works at all, so it is under the time limit too.
    last = await within(
      options.timeout,
      prepare(connection, lock),
      () => new TasteprintError("storage-unavailable", `The database did not answer within ${options.timeout} ms.`),
    );
  } catch (error) {
    connection.close();
    throw error;
  }

  return {
    persistence: "indexeddb",

    async append(rows) {
      const [head, ...tail] = copyOf(rows);
      if (!head) return [];
      const seqs = await run(["events"], "readwrite", async (tx) => {
        const log = tx.objectStore("events");
        let first = await log.add(head);
        // A database created anew after the site's data was cleared counts from 1 again. Snapshots say "everything
        // up to seq 500 is in me", so a number must never come twice.
        if (first <= last) {
          await log.delete(first);
          first = await log.add(head, last + 1);
        }
        return [first, ...(await Promise.all(tail.map(async (row) => log.add(row))))];
      });
      last = Math.max(last, ...seqs.slice(-1));
      return seqs;
    },

    async events(after = 0) {
      const range = IDBKeyRange.lowerBound(after, true);
      const [rows, seqs] = await run(["events"], "readonly", async (tx) => {
        const log = tx.objectStore("events");
        return Promise.all([log.getAll(range), log.getAllKeys(range)]);
      });
      last = Math.max(last, ...seqs.slice(-1));
      return rows.map((row, i) => ({ ...row, seq: seqs[i] as number }));
    },

    removeEvents({ profile, item }) {
      return run(["events"], "readwrite", async (tx) => {
        const log = tx.objectStore("events");
        const [mine, its] = await Promise.all([
          profile === undefined ? log.getAllKeys() : log.index("profile").getAllKeys(profile),
          item === undefined ? undefined : log.index("item").getAllKeys(item),
        ]);
        const among = its && new Set(its);
        const doomed = among ? mine.filter((seq) => among.has(seq)) : mine;
        await Promise.all(doomed.map(async (seq) => log.delete(seq)));
        return doomed.length;
      });
    },

    async write(slot, content, info, meta = {}) {
      // All of it now: the caller may change or transfer what he handed over while the transactions run.
      const parts: ArrayBuffer[] = [];
      for (let at = 0; at < content.length; at += CHUNK)
        parts.push(new Uint8Array(content.subarray(at, at + CHUNK)).buffer);
      const batch = Math.random();
      const manifest = copyOf({
        slot,
        batch,
        bytes: content.length,
        chunks: parts.length,
        hash: options.hash(content),
        info,
        createdAt: Date.now(),
      });
      const entries = copyOf(meta);
      const work = async () => {
        try {
          for (const [index, part] of parts.entries())
            await run(["chunks"], "readwrite", (tx) => tx.objectStore("chunks").put(part, [slot, batch, index]));
          await run(["chunks", "manifests", "meta"], "readwrite", (tx) => publish(tx, manifest, entries));
        } catch (error) {
          await run(["chunks"], "readwrite", (tx) => tx.objectStore("chunks").delete(startingWith(slot, batch))).catch(
            () => {}, // The next open collects them.
          );
          throw error;
        }
      };
      // A shared lock keeps nobody waiting; it only tells a tab that opens that these chunks are no orphans.
      await (locks()?.request(lock, { mode: "shared" }, work) ?? work());
    },

    async read(slot) {
      const damaged = new Set<number>();
      for (;;) {
        let reading: number | undefined;
        try {
          const found = await run(["chunks", "manifests"], "readonly", async (tx) => {
            reading = undefined;
            const keys = await tx.objectStore("manifests").getAllKeys(startingWith(slot));
            for (const key of keys.reverse()) {
              if (damaged.has(key[1])) continue;
              reading = key[1];
              const loaded = await load(tx, key, options.hash);
              if (loaded) return loaded;
              damaged.add(key[1]);
            }
            return undefined;
          });
          if (damaged.size)
            options.notice({
              code: "storage-corrupt",
              message: `Slot ${slot}: ${damaged.size} damaged, ${found ? "an earlier one is used" : "none is left"}.`,
            });
          return found && { ...found, recovered: damaged.size > 0 };
        } catch (error) {
          // A value the browser itself cannot read ends the transaction: leave that generation out and start over.
          // An error of the hash is the engine's and says nothing about what is stored.
          const stored = error instanceof TasteprintError && error.code.startsWith("storage-");
          if (!stored || reading === undefined || damaged.has(reading)) throw error;
          damaged.add(reading);
        }
      }
    },

    async remove(slot, meta = {}) {
      const entries = copyOf(meta);
      await run(["chunks", "manifests", "meta"], "readwrite", async (tx) => {
        await Promise.all([
          tx.objectStore("manifests").delete(startingWith(slot)),
          tx.objectStore("chunks").delete(startingWith(slot)),
          setMeta(tx, entries),
        ]);
      });
    },

    async list() {
      const all = await run(["manifests"], "readonly", (tx) => tx.objectStore("manifests").getAll());
      const newest = new Map<string, SlotInfo>();
      // In key order, so that a later generation takes the place of an earlier one.
      for (const manifest of all) if (isManifest(manifest)) newest.set(manifest.slot, infoOf(manifest));
      return [...newest.values()];
    },

    getMeta: (key) => run(["meta"], "readonly", (tx) => tx.objectStore("meta").get(key)),

    async setMeta(entries) {
      const copies = copyOf(entries);
      await run(["meta"], "readwrite", (tx) => setMeta(tx, copies));
    },

    async clear() {
      await run(NAMES, "readwrite", (tx) => Promise.all(NAMES.map(async (name) => tx.objectStore(name).clear())));
    },

    async count() {
      const counts = await run(NAMES, "readonly", (tx) =>
        Promise.all(NAMES.map(async (name) => tx.objectStore(name).count())),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },

    async close() {
      connection.close();
    },
  };
}

/** Collects the orphans of interrupted writes; resolves with the last number of the log. */
async function prepare({ run }: Connection, lock: string): Promise<number> {
  const [orphans, seq] = await run(["events", "chunks", "manifests"], "readonly", async (tx) => {
    const cursor = await tx.objectStore("events").openKeyCursor(null, "prev");
    return [await orphansOf(tx), cursor?.key ?? 0] as const;
  });
  // Asked after looking: an orphan whose writer lives was seen while that writer held the lock. Failing is no harm.
  const collect = async () => {
    if (!orphans.length || (await locks()?.query())?.held?.some(({ name }) => name === lock)) return;
    const seen = new Set(orphans.map(([, batch]) => batch));
    await run(["chunks", "manifests"], "readwrite", async (tx) => {
      const still = (await orphansOf(tx)).filter(([, batch]) => seen.has(batch));
      await Promise.all(still.map(async (key) => tx.objectStore("chunks").delete(key)));
    });
  };
  await collect().catch(() => {});
  return seq;
}

/** Keys of chunks no manifest speaks of. */
async function orphansOf(tx: Transaction<"readonly"> | Transaction<"readwrite">) {
  const [manifests, keys] = await Promise.all([
    tx.objectStore("manifests").getAll(),
    tx.objectStore("chunks").getAllKeys(),
  ]);
  const live = new Set(manifests.filter(isManifest).map(({ batch }) => batch));
  return keys.filter(([, batch]) => !live.has(batch));
}

/** The switch: from the end of this transaction on, the slot's content is the batch of `manifest`. */
async function publish(tx: Transaction<"readwrite">, manifest: Omit<Manifest, "generation">, meta: object) {
  const { slot, batch } = manifest;
  const [chunks, manifests] = [tx.objectStore("chunks"), tx.objectStore("manifests")];
  if ((await chunks.count(startingWith(slot, batch))) !== manifest.chunks)
    throw new TasteprintError("busy", `Slot ${slot} was removed while it was being written. Write it again.`);
  const before = await manifests.getAllKeys(startingWith(slot));
  const generation = (before.at(-1)?.[1] ?? 0) + 1;
  await Promise.all([
    manifests.put({ ...manifest, generation }, [slot, generation]),
    setMeta(tx, meta),
    ...before.slice(0, -1).map(async (key) => {
      const old: unknown = await manifests.get(key);
      await Promise.all([manifests.delete(key), isManifest(old) && chunks.delete(startingWith(slot, old.batch))]);
    }),
  ]);
}

/** One generation, or `undefined` where anything about it is not as it was written. */
async function load(
  tx: Transaction<"readonly">,
  key: [string, number],
  hash: StoreOptions["hash"],
): Promise<Omit<SlotContent, "recovered"> | undefined> {
  const manifest: unknown = await tx.objectStore("manifests").get(key);
  if (!isManifest(manifest) || manifest.slot !== key[0]) return undefined;
  const { slot, batch, bytes } = manifest;
  const chunks = tx.objectStore("chunks");
  // Counted before `bytes` is believed: a damaged number must not reserve gigabytes.
  if ((await chunks.count(startingWith(slot, batch))) !== manifest.chunks) return undefined;
  const content = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += CHUNK) {
    const part = await chunks.get([slot, batch, at / CHUNK]);
    if (part?.byteLength !== Math.min(CHUNK, bytes - at)) return undefined;
    content.set(new Uint8Array(part), at);
  }
  return hash(content) === manifest.hash ? { ...infoOf(manifest), content } : undefined;
}

/** Whatever a damaged disk may have put in its place. */
function isManifest(value: unknown): value is Manifest {
  const { slot, batch, bytes, chunks, hash } = (value ?? {}) as Partial<Manifest>;
  return (
    typeof slot === "string" &&
    typeof batch === "number" &&
    typeof hash === "string" &&
    typeof bytes === "number" &&
    bytes >= 0 &&
    Number.isInteger(bytes) &&
    chunks === Math.ceil(bytes / CHUNK)
  );
}

const infoOf = ({ slot, bytes, hash, info }: Manifest): SlotInfo => ({ slot, bytes, hash, info });

async function setMeta(tx: Transaction<"readwrite">, entries: object): Promise<void> {
  const store = tx.objectStore("meta");
  await Promise.all(
    Object.entries(entries).map(async ([key, value]) =>
      value === undefined ? store.delete(key) : store.put(value, key),
    ),
  );
}

/** Every key that begins with these parts: an array sorts after all numbers and strings. */
const startingWith = (...prefix: (string | number)[]) => IDBKeyRange.bound(prefix, [...prefix, []]);

/** Absent outside secure contexts and in Node. */
const locks = (): LockManager | undefined => globalThis.navigator?.locks;
