/** What every store promises; each promise is asked of both. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../../src/shell/store.ts";
import { openIndexedDbStore } from "../../src/shell/store-indexeddb.ts";
import { createMemoryStore } from "../../src/shell/store-memory.ts";
import type { FeedbackRow } from "../../src/shell/types.ts";
import { bytesOf, freshOrigin, MIB, rating, sha256, storeOptions } from "./store-fixtures.ts";

describe.each([
  ["indexeddb", openIndexedDbStore],
  ["memory", async (options: Parameters<typeof createMemoryStore>[0]) => createMemoryStore(options)],
] as const)("%s store", (persistence, open) => {
  const options = storeOptions();
  let store: Store;

  beforeEach(async () => {
    freshOrigin();
    store = await open(options);
  });
  afterEach(async () => {
    await store.close();
    expect(options.notices).toEqual([]);
  });

  it("says what it is", () => {
    expect(store.persistence).toBe(persistence);
  });

  describe("events", () => {
    it("are numbered from 1 and come back in order with all their fields", async () => {
      const full: FeedbackRow = {
        profile: "anna",
        item: "__proto__",
        type: "watch",
        rating: null,
        completion: 0.5,
        wouldWatchAgain: true,
        context: { mood: "funny", place: "train" },
        at: -1,
      };
      expect(await store.append([rating("a"), full])).toEqual([1, 2]);
      expect(await store.append([rating("b")])).toEqual([3]);
      expect(await store.events()).toEqual([
        { ...rating("a"), seq: 1 },
        { ...full, seq: 2 },
        { ...rating("b"), seq: 3 },
      ]);
    });

    it("after a number are those after it", async () => {
      await store.append([rating("a"), rating("b"), rating("c")]);
      expect((await store.events(1)).map((row) => row.item)).toEqual(["b", "c"]);
      expect(await store.events(3)).toEqual([]);
      expect(await store.events(99)).toEqual([]);
    });

    it("of nobody are nothing", async () => {
      expect(await store.append([])).toEqual([]);
      expect(await store.events()).toEqual([]);
    });

    it("get their number from the store, whatever a row brings along", async () => {
      await store.append([rating("a")]);
      const again = (await store.events()).map((row) => ({ ...row, seq: 77 }));
      expect(await store.append(again)).toEqual([2]);
      expect((await store.events()).map((row) => row.seq)).toEqual([1, 2]);
    });

    it("are appended in the order of the calls, also without waiting", async () => {
      const seqs = await Promise.all(["a", "b", "c", "d"].map((item) => store.append([rating(item)])));
      expect(seqs).toEqual([[1], [2], [3], [4]]);
      expect((await store.events()).map((row) => row.item)).toEqual(["a", "b", "c", "d"]);
    });

    it("are appended all or none", async () => {
      const bad = { ...rating("b"), context: { mood: () => {} } } as unknown as FeedbackRow;
      await expect(store.append([rating("a"), bad])).rejects.toMatchObject({ code: "invalid-argument" });
      expect(await store.events()).toEqual([]);
    });

    it("are removed by item, by profile, by both, or altogether", async () => {
      const rows = [rating("a"), rating("a", "you"), rating("b"), rating("b", "you"), rating("c")];
      await store.append(rows);
      const left = async () => (await store.events()).map((row) => `${row.profile}:${row.item}`);
      expect(await store.removeEvents({ profile: "me", item: "a" })).toBe(1);
      expect(await left()).toEqual(["you:a", "me:b", "you:b", "me:c"]);
      expect(await store.removeEvents({ item: "b" })).toBe(2);
      expect(await left()).toEqual(["you:a", "me:c"]);
      expect(await store.removeEvents({ profile: "nobody" })).toBe(0);
      expect(await store.removeEvents({ profile: "you", item: "c" })).toBe(0);
      expect(await store.removeEvents({ profile: "you" })).toBe(1);
      expect(await left()).toEqual(["me:c"]);
      expect(await store.removeEvents({})).toBe(1);
      expect(await left()).toEqual([]);
    });

    it("never reuse a number, neither after removal nor after clearing", async () => {
      await store.append([rating("a"), rating("b")]);
      await store.removeEvents({ item: "b" });
      expect(await store.append([rating("c")])).toEqual([3]);
      await store.clear();
      expect(await store.append([rating("d")])).toEqual([4]);
    });

    it("cannot be changed from outside", async () => {
      const row = rating("a");
      const appending = store.append([row]);
      row.item = "changed";
      await appending;
      const [read] = await store.events();
      if (read) read.item = "changed";
      expect((await store.events())[0]?.item).toBe("a");
    });
  });

  describe("slots", () => {
    it.each([0, 1, 3, 65_537, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 9 * MIB + 7])("keep %i bytes", async (length) => {
      const content = bytesOf(length);
      await store.write("model:x", content, { label: "x" });
      const read = await store.read("model:x");
      expect(read).toMatchObject({ slot: "model:x", bytes: length, info: { label: "x" }, recovered: false });
      expect(read?.hash).toBe(sha256(content));
      expect(read?.content.length).toBe(length);
      expect(Buffer.compare(read?.content ?? new Uint8Array(), content)).toBe(0);
    });

    it("keep a window of a larger buffer, and only that", async () => {
      const whole = bytesOf(64);
      await store.write("state", whole.subarray(8, 24), null);
      expect((await store.read("state"))?.content).toEqual(whole.slice(8, 24));
      await store.write("state", Buffer.from("pooled"), null);
      const pooled = await store.read("state");
      expect(pooled?.content).toEqual(new TextEncoder().encode("pooled"));
      expect(pooled?.content.buffer.byteLength).toBe(6);
    });

    it("hold the last content", async () => {
      for (const seed of [1, 2, 3, 4]) await store.write("state", bytesOf(100, seed), seed);
      expect((await store.read("state"))?.content).toEqual(bytesOf(100, 4));
      expect((await store.list()).map(({ info }) => info)).toEqual([4]);
    });

    it("are empty before they are written and after they are removed", async () => {
      expect(await store.read("state")).toBeUndefined();
      await store.write("state", bytesOf(10), null);
      await store.write("state", bytesOf(11), null);
      await store.remove("state");
      expect(await store.read("state")).toBeUndefined();
      expect(await store.list()).toEqual([]);
      expect(await store.count()).toBe(0);
      await store.remove("never there");
    });

    it("do not touch each other, whatever their names", async () => {
      const names = ["a", "a:b", "", "ä", "a\u0000", "__proto__"];
      for (const [i, name] of names.entries()) await store.write(name, bytesOf(i + 1), i);
      await store.remove("a");
      expect((await store.list()).map(({ slot }) => slot)).toEqual(["", "__proto__", "a\u0000", "a:b", "ä"]);
      expect((await store.read(""))?.bytes).toBe(3);
      expect((await store.read("a:b"))?.bytes).toBe(2);
    });

    it("are listed without their content", async () => {
      await store.write("b", bytesOf(2), { v: 1 });
      await store.write("a", bytesOf(1), { v: 2 });
      expect(await store.list()).toEqual([
        { slot: "a", bytes: 1, hash: sha256(bytesOf(1)), info: { v: 2 } },
        { slot: "b", bytes: 2, hash: sha256(bytesOf(2)), info: { v: 1 } },
      ]);
    });

    it("take meta entries along when written and removed", async () => {
      await store.setMeta({ keep: 1, drop: 2 });
      await store.write("state", bytesOf(1), null, { active: "m1", drop: undefined });
      expect(await Promise.all(["keep", "drop", "active"].map(store.getMeta))).toEqual([1, undefined, "m1"]);
      await store.remove("state", { active: null });
      expect(await store.getMeta("active")).toBeNull();
    });

    it("cannot be changed from outside", async () => {
      const content = bytesOf(5 * MIB);
      const info = { tags: ["a"] };
      const entries = { active: ["x"] };
      const writing = store.write("state", content, info, entries);
      content.fill(0);
      info.tags.push("b");
      entries.active.push("y");
      await writing;
      expect(await store.getMeta("active")).toEqual(["x"]);
      const read = await store.read("state");
      expect(read?.hash).toBe(sha256(bytesOf(5 * MIB)));
      expect(read?.info).toEqual({ tags: ["a"] });
      read?.content.fill(0);
      for (const given of [read, ...(await store.list())]) (given as { info: typeof info }).info.tags.push("c");
      const again = await store.read("state");
      expect(sha256(again?.content ?? new Uint8Array())).toBe(again?.hash);
      expect(again?.info).toEqual({ tags: ["a"] });
    });

    it("stay as they were when what is written cannot be stored", async () => {
      await store.write("state", bytesOf(4), 1);
      await expect(store.write("state", bytesOf(5), () => {})).rejects.toMatchObject({ code: "invalid-argument" });
      await expect(store.write("state", bytesOf(5), 2, { f: () => {} })).rejects.toMatchObject({
        code: "invalid-argument",
      });
      await expect(store.remove("state", { f: () => {} })).rejects.toMatchObject({ code: "invalid-argument" });
      expect(await store.read("state")).toMatchObject({ bytes: 4, info: 1 });
    });
  });

  describe("meta", () => {
    it("keeps values apart from the caller's", async () => {
      const value = { list: [1, 2], nothing: null };
      const setting = store.setMeta({ value, other: "x" });
      value.list.push(3);
      await setting;
      ((await store.getMeta("value")) as typeof value).list.push(4);
      expect(await store.getMeta("value")).toEqual({ list: [1, 2], nothing: null });
      expect(await store.getMeta("other")).toBe("x");
      expect(await store.getMeta("never")).toBeUndefined();
    });

    it("sets all entries or none, and removes with undefined", async () => {
      await store.setMeta({ a: 1, b: 2 });
      await expect(store.setMeta({ a: 9, b: () => {} })).rejects.toMatchObject({ code: "invalid-argument" });
      await store.setMeta({ b: undefined });
      expect(await Promise.all(["a", "b"].map(store.getMeta))).toEqual([1, undefined]);
      expect(await store.count()).toBe(1);
    });
  });

  it("counts nothing after it was cleared, and is usable", async () => {
    expect(await store.count()).toBe(0);
    await store.append([rating("a")]);
    await store.setMeta({ a: 1 });
    await store.write("state", bytesOf(9 * MIB), null);
    expect(await store.count()).toBeGreaterThanOrEqual(3);
    await store.clear();
    expect(await store.count()).toBe(0);
    expect(await store.events()).toEqual([]);
    expect(await store.list()).toEqual([]);
    await store.append([rating("a")]);
    expect(await store.count()).toBe(1);
  });

  it("finishes what was asked before it was closed, and rejects what is asked after", async () => {
    const appending = store.append([rating("a")]);
    await store.close();
    expect(await appending).toEqual([1]);
    const calls = [
      () => store.append([rating("a")]),
      () => store.events(),
      () => store.removeEvents({}),
      () => store.write("s", bytesOf(1), null),
      () => store.read("s"),
      () => store.remove("s"),
      () => store.list(),
      () => store.getMeta("a"),
      () => store.setMeta({ a: 1 }),
      () => store.clear(),
      () => store.count(),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: "closed" });
    await store.close();
  });
});
