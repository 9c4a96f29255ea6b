/** The store that lasts as long as the page: where IndexedDB is absent or not wanted, and in Node. */
import type { SlotContent, Store, StoreOptions } from "./store.ts";
import { closedError, copyOf } from "./store-errors.ts";
import type { StoredFeedback } from "./types.ts";

/** An empty store in memory. Copies go in and come out, so that nobody outside can change what is stored. */
export function createMemoryStore({ hash }: Pick<StoreOptions, "hash">): Store {
  let log: StoredFeedback[] = [];
  let seq = 0;
  const slots = new Map<string, SlotContent>();
  const meta = new Map<string, unknown>();
  let closed = false;

  const check = () => {
    if (closed) throw closedError();
  };
  const forget = () => {
    log = [];
    slots.clear();
    meta.clear();
  };
  const put = (copies: Record<string, unknown>) => {
    for (const [key, value] of Object.entries(copies))
      if (value === undefined) meta.delete(key);
      else meta.set(key, value);
  };

  return {
    persistence: "memory",

    async append(rows) {
      check();
      const added = copyOf(rows).map((row) => ({ ...row, seq: ++seq }));
      // One by one: `push(...added)` would overflow the call stack, `concat` copies the whole log for each rating.
      for (const row of added) log.push(row);
      return added.map((row) => row.seq);
    },

    async events(after = 0) {
      check();
      return copyOf(log.filter((row) => row.seq > after));
    },

    async removeEvents({ profile, item }) {
      check();
      const kept = log.filter(
        (row) => (profile !== undefined && row.profile !== profile) || (item !== undefined && row.item !== item),
      );
      const removed = log.length - kept.length;
      log = kept;
      return removed;
    },

    async write(slot, content, info, entries = {}) {
      check();
      const copies = copyOf({ info, entries });
      const copy = new Uint8Array(content);
      slots.set(slot, {
        slot,
        bytes: copy.length,
        hash: hash(copy),
        info: copies.info,
        content: copy,
        recovered: false,
      });
      put(copies.entries);
    },

    async read(slot) {
      check();
      return copyOf(slots.get(slot));
    },

    async remove(slot, entries = {}) {
      check();
      const copies = copyOf(entries);
      slots.delete(slot);
      put(copies);
    },

    async list() {
      check();
      return [...slots.values()]
        .map(({ slot, bytes, hash, info }) => ({ slot, bytes, hash, info: copyOf(info) }))
        .sort((a, b) => (a.slot < b.slot ? -1 : 1));
    },

    async getMeta(key) {
      check();
      return copyOf(meta.get(key));
    },

    async setMeta(entries) {
      check();
      put(copyOf(entries));
    },

    async clear() {
      check();
      forget();
    },

    async count() {
      check();
      return log.length + slots.size + meta.size;
    },

    async close() {
      closed = true;
      forget();
    },
  };
}
