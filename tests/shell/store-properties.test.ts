/** Random operations with random faults: the store is a map, whatever happens underneath. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Store } from "../../src/shell/store.ts";
import { openIndexedDbStore } from "../../src/shell/store-indexeddb.ts";
import type { FeedbackRow } from "../../src/shell/types.ts";
import {
  behindItsBack,
  bytesOf,
  failCommits,
  freshOrigin,
  loseConnections,
  loseConnectionsSilently,
  MIB,
  rating,
  sha256,
  storeOptions,
} from "./store-fixtures.ts";

const item = fc.constantFrom("a", "b", "c");
const profile = fc.constantFrom("me", "you");
const slot = fc.constantFrom("state", "model:1");
const entries = fc.dictionary(fc.constantFrom("active", "after"), fc.option(fc.nat(9), { nil: undefined }));
const size = fc.oneof({ weight: 9, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.constant(4 * MIB + 1) });

const operation = fc.oneof(
  fc.record({ kind: fc.constant("append" as const), rows: fc.array(fc.tuple(item, profile), { maxLength: 4 }) }),
  fc.record({ kind: fc.constant("removeEvents" as const), match: fc.record({ item, profile }, { requiredKeys: [] }) }),
  fc.record({ kind: fc.constant("write" as const), slot, size, seed: fc.integer({ min: 1, max: 99 }), entries }),
  fc.record({ kind: fc.constant("remove" as const), slot, entries }),
  fc.record({ kind: fc.constant("setMeta" as const), entries }),
  fc.record({ kind: fc.constant("clear" as const) }),
  fc.record({ kind: fc.constant("reopen" as const) }),
);

/** What goes wrong during an operation, and at which of its transactions. */
const fault = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: "none" as const, nth: 0 }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("quota" as const, "abort" as const), nth: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("lose" as const, "silent" as const), nth: fc.constant(0) }),
  },
);

type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** The store in the plainest words. */
class Model {
  events: (FeedbackRow & { seq: number })[] = [];
  slots = new Map<string, { hash: string; info: unknown }>();
  meta = new Map<string, unknown>();

  apply(op: Operation, result: unknown): void {
    switch (op.kind) {
      case "append": {
        const seqs = result as number[];
        expect(seqs).toHaveLength(op.rows.length);
        for (const [i, [of, by]] of op.rows.entries()) this.events.push({ ...rating(of, by), seq: seqs[i] as number });
        break;
      }
      case "removeEvents": {
        const kept = this.events.filter(
          (row) => row.item !== (op.match.item ?? row.item) || row.profile !== (op.match.profile ?? row.profile),
        );
        expect(result).toBe(this.events.length - kept.length);
        this.events = kept;
        break;
      }
      case "write":
        this.slots.set(op.slot, { hash: sha256(bytesOf(op.size, op.seed)), info: op.seed });
        this.set(op.entries);
        break;
      case "remove":
        this.slots.delete(op.slot);
        this.set(op.entries);
        break;
      case "setMeta":
        this.set(op.entries);
        break;
      case "clear":
        this.events = [];
        this.slots.clear();
        this.meta.clear();
        break;
      case "reopen":
    }
  }

  private set(values: Record<string, unknown>): void {
    for (const [key, value] of Object.entries(values))
      if (value === undefined) this.meta.delete(key);
      else this.meta.set(key, value);
  }

  async compare(store: Store): Promise<void> {
    expect(await store.events()).toEqual(this.events);
    const contents = await Promise.all([...this.slots.keys()].map((name) => store.read(name)));
    expect(contents.map((read) => read && { hash: sha256(read.content), info: read.info })).toEqual([
      ...this.slots.values(),
    ]);
    expect(contents.every((read) => read?.recovered === false)).toBe(true);
    expect((await store.list()).map(({ slot, hash }) => [slot, hash])).toEqual(
      [...this.slots].map(([name, { hash }]) => [name, hash]).sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
    );
    expect([await store.getMeta("active"), await store.getMeta("after")]).toEqual([
      this.meta.get("active"),
      this.meta.get("after"),
    ]);
  }
}

it("behaves like a map under random operations and faults", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(operation, fault), { maxLength: 14 }), async (steps) => {
      freshOrigin();
      const options = storeOptions();
      let store = await openIndexedDbStore(options);
      const model = new Model();
      let highest = 0;

      const perform = async (op: Operation): Promise<unknown> => {
        switch (op.kind) {
          case "append":
            return store.append(op.rows.map(([of, by]) => rating(of, by)));
          case "removeEvents":
            return store.removeEvents(op.match);
          case "write":
            return store.write(op.slot, bytesOf(op.size, op.seed), op.seed, op.entries);
          case "remove":
            return store.remove(op.slot, op.entries);
          case "setMeta":
            return store.setMeta(op.entries);
          case "clear":
            return store.clear();
          case "reopen":
            await store.close();
            store = await openIndexedDbStore(options);
            return undefined;
        }
      };

      for (const [op, { kind, nth }] of steps) {
        if (kind === "lose") loseConnections();
        if (kind === "silent") loseConnectionsSilently();
        let seen = 0;
        const name = { quota: "QuotaExceededError", abort: "AbortError" }[kind as string];
        const injected = failCommits((_, mode) => (mode === "readwrite" && seen++ === nth ? name : undefined));
        const outcome = await perform(op).then(
          (value) => ({ value }),
          (error: unknown) => ({ error }),
        );
        injected.restore();
        if ("error" in outcome) {
          // Only want of room may be felt; a lost connection is mended unseen.
          expect(kind).toBe("quota");
          expect(outcome.error).toMatchObject({ code: "storage-quota" });
        } else {
          model.apply(op, outcome.value);
          if (op.kind === "append")
            for (const seq of outcome.value as number[]) {
              expect(seq).toBeGreaterThan(highest);
              highest = seq;
            }
        }
        await model.compare(store);
      }

      await store.close();
      store = await openIndexedDbStore(options);
      await model.compare(store);
      await store.close();
      const [manifests, chunks] = await behindItsBack((db) =>
        Promise.all([db.getAll("manifests"), db.count("chunks")]),
      );
      expect(chunks).toBe(manifests.reduce((sum, manifest) => sum + manifest.chunks, 0));
      expect(manifests.length).toBeLessThanOrEqual(2 * model.slots.size);
    }),
    { numRuns: 80 },
  );
}, 60_000);
