/** Faults of a real database: damage, interruption, quota, other tabs, other versions, and none at all. */
import { openDB } from "idb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Store } from "../../src/shell/store.ts";
import { openIndexedDbStore } from "../../src/shell/store-indexeddb.ts";
import { openStore } from "../../src/shell/store-open.ts";
import {
  abortNow,
  atChunk,
  behindItsBack,
  bytesOf,
  clearSiteData,
  codes,
  failCommits,
  freshOrigin,
  loseConnections,
  loseConnectionsSilently,
  MIB,
  openConnections,
  rating,
  storeOptions,
  stubLocks,
  stubOpen,
} from "./store-fixtures.ts";

const chunkCount = () => behindItsBack((db) => db.count("chunks"));
const OLD = bytesOf(5 * MIB, 1);
const NEW = bytesOf(9 * MIB, 2);

let options: ReturnType<typeof storeOptions>;
let store: Store;

beforeEach(async () => {
  freshOrigin();
  options = storeOptions();
  store = await openIndexedDbStore(options);
  return () => store.close();
});

/** Closes the store and opens it again, as the next page load does. */
async function reopen(): Promise<void> {
  await store.close();
  store = await openIndexedDbStore(options);
}

describe("what is on disk", () => {
  it("survives closing: events, numbering, slots, meta", async () => {
    await store.append([rating("a"), rating("b")]);
    await store.removeEvents({ item: "b" });
    await store.write("state", NEW, 7, { active: "x" });
    await reopen();
    expect((await store.events()).map((row) => row.item)).toEqual(["a"]);
    expect(await store.append([rating("c")])).toEqual([3]);
    expect((await store.read("state"))?.content.length).toBe(NEW.length);
    expect(await store.getMeta("active")).toBe("x");
  });

  it("is buffers of at most 4 MiB, never blobs", async () => {
    await store.write("state", NEW, null);
    const sizes = await behindItsBack(async (db) => {
      const chunks = await db.getAll("chunks");
      expect(chunks.every((chunk) => chunk instanceof ArrayBuffer)).toBe(true);
      return chunks.map((chunk) => chunk.byteLength);
    });
    expect(sizes).toEqual([4 * MIB, 4 * MIB, MIB]);
  });

  it("holds two generations and no more", async () => {
    for (const seed of [1, 2, 3, 4]) await store.write("state", bytesOf(4 * MIB + 1, seed), seed);
    await behindItsBack(async (db) => {
      expect((await db.getAll("manifests")).map(({ generation, info }) => [generation, info])).toEqual([
        [3, 3],
        [4, 4],
      ]);
      expect(await db.count("chunks")).toBe(4);
    });
  });

  it("is relaxed in durability, and each append one transaction", async () => {
    const transaction = vi.spyOn(IDBDatabase.prototype, "transaction");
    await store.append([rating("a"), rating("b"), rating("c")]);
    expect(transaction.mock.calls).toEqual([[["events"], "readwrite", { durability: "relaxed" }]]);
  });
});

describe("damage", () => {
  const flip = (slotSeed: number) =>
    behindItsBack(async (db) => {
      const manifest = (await db.getAll("manifests")).find(({ info }) => info === slotSeed);
      const key = ["state", manifest.batch, 1];
      const chunk = new Uint8Array(await db.get("chunks", key));
      chunk[99] = (chunk[99] ?? 0) ^ 1;
      await db.put("chunks", chunk.buffer, key);
    });

  beforeEach(async () => {
    await store.write("state", OLD, 1);
    await store.write("state", NEW, 2);
  });

  it("of one byte of a chunk falls back to the generation before, and says so", async () => {
    await flip(2);
    const read = await store.read("state");
    expect(read).toMatchObject({ info: 1, bytes: OLD.length, recovered: true });
    expect(Buffer.compare(read?.content ?? new Uint8Array(), OLD)).toBe(0);
    expect(codes(options)).toEqual(["storage-corrupt"]);
  });

  it("of the generation before goes unnoticed", async () => {
    await flip(1);
    expect(await store.read("state")).toMatchObject({ info: 2, recovered: false });
    expect(codes(options)).toEqual([]);
  });

  it("of all generations is an empty slot, said once for each read, and can be written over", async () => {
    await flip(1);
    await flip(2);
    expect(await store.read("state")).toBeUndefined();
    expect(codes(options)).toEqual(["storage-corrupt"]);
    await store.write("state", bytesOf(3), 3);
    expect(await store.read("state")).toMatchObject({ info: 3, recovered: false });
  });

  it.each([
    ["is gone", undefined],
    ["is shorter", new ArrayBuffer(5)],
    ["is longer", new ArrayBuffer(5 * MIB)],
    ["is a number of petabytes", 2 ** 50],
    ["is something else", "text"],
  ])("where a chunk %s falls back", async (_, value) => {
    await behindItsBack(async (db) => {
      const { batch } = (await db.getAll("manifests"))[1];
      if (value === undefined) await db.delete("chunks", ["state", batch, 0]);
      else await db.put("chunks", value, ["state", batch, 0]);
    });
    expect(await store.read("state")).toMatchObject({ info: 1, recovered: true });
    expect(codes(options)).toEqual(["storage-corrupt"]);
  });

  it.each([
    ["null", () => null],
    ["a text", () => "manifest"],
    ["of another slot", (old: object) => ({ ...old, slot: "other" })],
    ["without hash", (old: object) => ({ ...old, hash: undefined })],
    ["with another hash", (old: object) => ({ ...old, hash: "00" })],
    ["of petabytes", (old: object) => ({ ...old, bytes: 2 ** 50, chunks: 2 ** 28 })],
    ["of less than nothing", (old: object) => ({ ...old, bytes: -1, chunks: 0 })],
    ["of half a byte", (old: object) => ({ ...old, bytes: 0.5, chunks: 1 })],
    ["with another number of chunks", (old: object) => ({ ...old, chunks: 1 })],
    ["with a batch that is no key", (old: object) => ({ ...old, batch: {} })],
    ["with a batch that is no number", (old: object) => ({ ...old, batch: "x" })],
  ])("that leaves a manifest %s falls back, also in lists", async (_, damage) => {
    await behindItsBack(async (db) =>
      db.put("manifests", damage(await db.get("manifests", ["state", 2])), ["state", 2]),
    );
    expect(await store.read("state")).toMatchObject({ info: 1, recovered: true });
    expect(codes(options)).toEqual(["storage-corrupt"]);
    await reopen();
    expect(await store.read("state")).toMatchObject({ info: 1, recovered: true });
    await store.write("state", bytesOf(3), 3);
    await store.write("state", bytesOf(3), 4);
    expect((await store.list()).filter(({ slot }) => slot === "state").map(({ info }) => info)).toEqual([4]);
  });

  it("of a manifest leaves the slot in lists, as it was before", async () => {
    await behindItsBack((db) => db.put("manifests", { slot: "state", info: 2 }, ["state", 2]));
    expect((await store.list()).map(({ info }) => info)).toEqual([1]);
  });

  it.each([
    ["of another slot", { slot: "other" }],
    ["of less than nothing", { bytes: -1 }],
  ])("that leaves a manifest %s falls back where no chunk would tell", async (_, damage) => {
    for (const info of [1, 2]) await store.write("empty", new Uint8Array(), info);
    await behindItsBack(async (db) =>
      db.put("manifests", { ...(await db.get("manifests", ["empty", 2])), ...damage }, ["empty", 2]),
    );
    expect(await store.read("empty")).toMatchObject({ slot: "empty", info: 1, recovered: true });
  });

  it("that the browser itself reports while reading falls back", async () => {
    const get = IDBObjectStore.prototype.get;
    const { batch } = await behindItsBack(async (db) => (await db.getAll("manifests"))[1]);
    vi.spyOn(IDBObjectStore.prototype, "get").mockImplementation(function (this: IDBObjectStore, key) {
      if (Array.isArray(key) && key[1] === batch)
        throw new DOMException("Failed to read large value", "NotReadableError");
      return get.call(this, key);
    });
    expect(await store.read("state")).toMatchObject({ info: 1, recovered: true });
    expect(codes(options)).toEqual(["storage-corrupt"]);
  });

  it("is not what a failing hash means", async () => {
    options.hash = () => {
      throw new RangeError("engine");
    };
    await expect(store.read("state")).rejects.toThrow("engine");
    expect(codes(options)).toEqual([]);
  });
});

describe("an interrupted write", () => {
  beforeEach(() => store.write("state", OLD, 1, { active: "old" }));

  /** From its nth transaction on everything fails, cleaning up included: as if the tab had died there. */
  const dieAt = (nth: number) => {
    let seen = 0;
    return failCommits((_, mode) => (mode === "readwrite" && ++seen > nth ? "QuotaExceededError" : undefined));
  };

  it.each([0, 1, 2, 3])("after %i transactions leaves the old one active, and the next open collects", async (nth) => {
    const fault = dieAt(nth);
    await expect(store.write("state", NEW, 2, { active: "new" })).rejects.toMatchObject({ code: "storage-quota" });
    fault.restore();
    expect(await store.read("state")).toMatchObject({ info: 1, recovered: false });
    expect(await store.getMeta("active")).toBe("old");
    expect(await chunkCount()).toBe(2 + nth);
    await reopen();
    expect(await chunkCount()).toBe(2);
    expect(await store.read("state")).toMatchObject({ info: 1, recovered: false });
    expect(codes(options)).toEqual([]);
  });

  it("cleans up at once where it can", async () => {
    const fault = failCommits((stores) => (stores.includes("manifests") ? "QuotaExceededError" : undefined));
    await expect(store.write("state", NEW, 2)).rejects.toMatchObject({ code: "storage-quota" });
    fault.restore();
    expect(await chunkCount()).toBe(2);
  });

  it("of another tab is no orphan while that tab lives", async () => {
    const { held } = stubLocks();
    let during: { name: string }[] = [];
    atChunk(2, () => {
      during = [...held];
    });
    await store.write("state", NEW, 2);
    expect(during).toHaveLength(1);
    expect(held).toHaveLength(0);

    await behindItsBack((db) => db.put("chunks", new ArrayBuffer(8), ["state", 0.5, 0]));
    held.push(...during);
    await reopen();
    expect(await chunkCount()).toBe(6);
    held.length = 0;
    await reopen();
    expect(await chunkCount()).toBe(5);
  });

  it("whose chunks another tab removed meanwhile is refused, not half there", async () => {
    const other = await openIndexedDbStore(options);
    let clearing: Promise<void> | undefined;
    atChunk(2, () => {
      clearing = other.clear();
    });
    await expect(store.write("state", NEW, 2)).rejects.toMatchObject({ code: "busy", retryable: true });
    await clearing;
    expect(await other.count()).toBe(0);
    await other.close();
  });
});

describe("two tabs", () => {
  it("writing one slot at once do not mix; the last switch wins and takes its meta along", async () => {
    const other = await openIndexedDbStore(options);
    const writers = [store, other, store, other].map((tab, i) =>
      tab.write("state", bytesOf(9 * MIB - i, i + 1), i, { active: i }),
    );
    await Promise.all(writers);
    const read = await other.read("state");
    expect(read?.recovered).toBe(false);
    expect(await store.getMeta("active")).toBe(read?.info);
    expect(codes(options)).toEqual([]);
    expect(await chunkCount()).toBe(6);
    await other.close();
  });

  it("appending at once lose and double nothing", async () => {
    const other = await openIndexedDbStore(options);
    const seqs = await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 ? store : other).append([rating(`i${i}`), rating(`j${i}`)])),
    );
    expect(new Set(seqs.flat()).size).toBe(80);
    const rows = await store.events();
    expect(new Set(rows.map((row) => row.item)).size).toBe(80);
    expect(rows.map((row) => row.seq)).toEqual(seqs.flat().sort((a, b) => a - b));
    await other.close();
  });
});

describe("quota", () => {
  it("at an append rejects although all requests succeeded, changes nothing, and passes", async () => {
    await store.append([rating("a")]);
    const fault = failCommits(() => "QuotaExceededError");
    await expect(store.append([rating("b"), rating("c")])).rejects.toMatchObject({
      code: "storage-quota",
      retryable: true,
    });
    fault.restore();
    expect((await store.events()).map((row) => row.item)).toEqual(["a"]);
    await store.append([rating("d")]);
    expect((await store.events()).map((row) => row.item)).toEqual(["a", "d"]);
  });

  it("while requests are under way is the reason given, not the abort they end with", async () => {
    const put = IDBObjectStore.prototype.put;
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementationOnce(function (this: IDBObjectStore, ...args) {
      const request = put.apply(this, args);
      abortNow(this.transaction, "QuotaExceededError");
      return request;
    });
    await expect(store.setMeta({ a: 1 })).rejects.toMatchObject({ code: "storage-quota" });
    expect(await store.count()).toBe(0);
  });

  it("at a request is named too, not only the abort it causes", async () => {
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementationOnce(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    await expect(store.setMeta({ a: 1, b: 2 })).rejects.toMatchObject({ code: "storage-quota" });
    expect(await store.count()).toBe(0);
  });
});

describe("a lost connection", () => {
  it.each([
    ["with an event", loseConnections],
    ["silently", loseConnectionsSilently],
  ])("%s is opened again without the caller noticing", async (_, lose) => {
    await store.append([rating("a")]);
    lose();
    expect(await Promise.all([store.append([rating("b")]), store.append([rating("c")])])).toEqual([[2], [3]]);
    lose();
    expect(await store.events()).toHaveLength(3);
    expect(openConnections()).toBe(1);
    expect(codes(options).filter((code) => code !== "storage-unavailable")).toEqual([]);
  });

  it.each(["AbortError", "UnknownError", "InvalidStateError"])(
    "in the middle (%s) repeats the operation once",
    async (name) => {
      let failures = 1;
      const fault = failCommits(() => (failures-- > 0 ? name : undefined));
      expect(await store.append([rating("a")])).toEqual([1]);
      fault.restore();
      expect(await store.events()).toHaveLength(1);
    },
  );

  it("does not let the caller change what he handed over while it is opened again", async () => {
    loseConnectionsSilently();
    const row = rating("a");
    const appending = store.append([row]);
    row.item = "changed";
    await appending;
    expect(await store.events()).toEqual([{ ...rating("a"), seq: 1 }]);
  });

  it("is opened again three times, not four, and the next call begins anew", async () => {
    const open = vi.spyOn(indexedDB, "open");
    const fault = failCommits(() => "UnknownError");
    await expect(store.append([rating("a")])).rejects.toMatchObject({ code: "storage-unavailable", retryable: true });
    expect(open).toHaveBeenCalledTimes(3);
    fault.restore();
    expect(await store.append([rating("a")])).toEqual([1]);
    expect(openConnections()).toBe(1);
  });

  it("with the site's data gone goes on in a new database, and no number comes twice", async () => {
    await store.append([rating("a"), rating("b"), rating("c")]);
    await store.write("state", OLD, 1);
    clearSiteData();
    expect(await store.append([rating("d"), rating("e")])).toEqual([4, 5]);
    expect(await store.append([rating("f")])).toEqual([6]);
    expect((await store.events()).map((row) => [row.seq, row.item])).toEqual([
      [4, "d"],
      [5, "e"],
      [6, "f"],
    ]);
    expect(await store.read("state")).toBeUndefined();
    expect(codes(options)).toContain("storage-cleared");
    await store.write("state", OLD, 2);
    expect(await store.read("state")).toMatchObject({ info: 2 });
  });

  it("with the site's data gone after a restart does not count anew either", async () => {
    await store.append([rating("a"), rating("b")]);
    await reopen();
    clearSiteData();
    expect(await store.append([rating("c")])).toEqual([3]);
  });

  it("with the site's data gone in the middle of a write refuses it, because its chunks are gone", async () => {
    atChunk(2, () => clearSiteData());
    await expect(store.write("state", NEW, 1)).rejects.toMatchObject({ code: "busy" });
    expect(await store.count()).toBe(0);
  });
});

describe("another version", () => {
  it("that is newer makes this one refuse and leaves the data untouched", async () => {
    await store.append([rating("a")]);
    await store.close();
    (await openDB("tasteprint:test", 2)).close();
    await expect(openIndexedDbStore(options)).rejects.toMatchObject({ code: "storage-version", retryable: false });
    expect(await behindItsBack((db) => db.getAll("events"))).toEqual([rating("a")]);
  });

  it("that is newer can upgrade at once, because this one steps aside and says so", async () => {
    await store.append([rating("a")]);
    const blocked = vi.fn();
    const newer = await openDB("tasteprint:test", 2, { blocked });
    expect(blocked).not.toHaveBeenCalled();
    expect(codes(options)).toEqual(["storage-version"]);
    await expect(store.append([rating("b")])).rejects.toMatchObject({ code: "storage-version" });
    expect(await newer.count("events")).toBe(1);
    newer.close();
  });

  it("that is older and holds on makes this one give up in bounded time, without a connection left behind", async () => {
    const open = indexedDB.open.bind(indexedDB);
    await store.close();
    const old = await openDB("tasteprint:test", 1);
    stubOpen((name) => open(name, 2));
    await expect(openIndexedDbStore({ ...options, timeout: 30 })).rejects.toMatchObject({ code: "storage-blocked" });
    old.close();
    await vi.waitFor(() => expect(openConnections()).toBe(0));
  });
});

describe("no database", () => {
  const cases: [string, string, () => void][] = [
    ["is absent", "storage-unavailable", () => vi.stubGlobal("indexedDB", undefined)],
    ["is null", "storage-unavailable", () => vi.stubGlobal("indexedDB", null)],
    ["never answers", "storage-unavailable", () => stubOpen(() => new EventTarget() as IDBOpenDBRequest)],
    [
      "is forbidden",
      "storage-unavailable",
      () =>
        stubOpen(() => {
          throw new DOMException("denied", "SecurityError");
        }),
    ],
    [
      "never completes a transaction",
      "storage-unavailable",
      () => vi.spyOn(IDBTransaction.prototype as never as { _start(): void }, "_start").mockImplementation(() => {}),
    ],
    [
      "has no room",
      "storage-quota",
      () =>
        stubOpen(() => {
          throw new DOMException("full", "QuotaExceededError");
        }),
    ],
  ];

  it.each(cases)("where it %s: %s, and memory in its place", async (_, code, break_) => {
    await store.close();
    break_();
    const impatient = { ...options, timeout: 40 };
    await expect(openIndexedDbStore(impatient)).rejects.toMatchObject({ code });
    expect(codes(options)).toEqual([]);
    const memory = await openStore({ ...impatient, persistence: "indexeddb" });
    expect(memory.persistence).toBe("memory");
    expect(codes(options)).toEqual([code]);
    expect(await memory.append([rating("a")])).toEqual([1]);
  });

  it("that opens and then fails leaves a connection behind", async () => {
    await store.close();
    const fault = failCommits(() => "QuotaExceededError");
    await expect(openIndexedDbStore(options)).rejects.toMatchObject({ code: "storage-quota" });
    fault.restore();
    await vi.waitFor(() => expect(openConnections()).toBe(0));
  });

  it("of this version means memory, and the data stays", async () => {
    await store.append([rating("a")]);
    await store.close();
    (await openDB("tasteprint:test", 2)).close();
    expect((await openStore(options)).persistence).toBe("memory");
    expect(codes(options)).toEqual(["storage-version"]);
    expect(await behindItsBack((db) => db.count("events"))).toBe(1);
  });

  it("is touched where memory is wanted, and IndexedDB is the default", async () => {
    const open = vi.spyOn(indexedDB, "open");
    expect((await openStore({ ...options, persistence: "memory" })).persistence).toBe("memory");
    expect(open).not.toHaveBeenCalled();
    const lasting = await openStore(options);
    expect(lasting.persistence).toBe("indexeddb");
    expect(codes(options)).toEqual([]);
    await lasting.close();
  });

  it("stays open after opening and closing over and over", async () => {
    for (let i = 0; i < 50; i++) await reopen();
    expect(openConnections()).toBe(1);
    await store.close();
    expect(openConnections()).toBe(0);
  });
});
