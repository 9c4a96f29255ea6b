/** A world for the store's tests: fresh databases, and faults where browsers have them. */
import "fake-indexeddb/auto";
import { createHash } from "node:crypto";
import { forceCloseDatabase, IDBFactory } from "fake-indexeddb";
import { type IDBPDatabase, openDB } from "idb";
import { vi } from "vitest";
import type { StorageNotice, StoreOptions } from "../../src/shell/store.ts";
import type { FeedbackRow } from "../../src/shell/types.ts";

export const MIB = 1 << 20;

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Options of a store, and the notices it gave. */
export function storeOptions(name = "test"): StoreOptions & { notices: StorageNotice[] } {
  const notices: StorageNotice[] = [];
  return { name, hash: sha256, notice: (notice) => notices.push(notice), timeout: 1_000, notices };
}

/** Codes of the notices so far. */
export const codes = ({ notices }: { notices: StorageNotice[] }): string[] => notices.map(({ code }) => code);

/** An origin without databases. */
export function freshOrigin(): void {
  vi.stubGlobal("indexedDB", new IDBFactory());
}

export function rating(item: string, profile = "me", value = 4): FeedbackRow {
  return { profile, item, type: "rate", rating: value, at: 1_700_000_000_000 };
}

/** Bytes without a short period, so that exchanged chunks are noticed. */
export function bytesOf(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed * 2_654_435_761;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, length).slice();
}

/** The database as a stranger sees it, past the store; closed after `work`. */
export async function behindItsBack<T>(work: (db: IDBPDatabase) => Promise<T>, name = "test"): Promise<T> {
  const db = await openDB(`tasteprint:${name}`);
  try {
    return await work(db);
  } finally {
    db.close();
  }
}

/** fake-indexeddb's insides, as far as faults need them. */
interface FakeTransaction {
  mode: string;
  objectStoreNames: Iterable<string>;
  _state: string;
  _requests: unknown[];
  _abort(name: string): void;
}

const connections = (name: string): IDBDatabase[] =>
  (indexedDB as unknown as { _databases: Map<string, { connections: IDBDatabase[] }> })._databases.get(
    `tasteprint:${name}`,
  )?.connections ?? [];

/** Number of open connections to a database. */
export const openConnections = (name = "test"): number => connections(name).length;

/** Closes every connection the way a browser does when the site's data is cleared or its database process dies. */
export function loseConnections(name = "test"): void {
  for (const connection of [...connections(name)]) forceCloseDatabase(connection as never);
}

/** As above, but without the event that would tell: Safari and background tabs. */
export function loseConnectionsSilently(name = "test"): void {
  for (const connection of [...connections(name)]) connection.close();
}

/** Everything of this origin gone, as with "clear site data". */
export function clearSiteData(name = "test"): void {
  loseConnections(name);
  freshOrigin();
}

/**
 * Aborts transactions the way Chromium does under quota: all requests succeed, and then the commit fails. Calls
 * `choose` once for each transaction with the names of its stores; the name of an error aborts it.
 */
export function failCommits(choose: (stores: string, mode: string) => string | undefined): { restore(): void } {
  const proto = IDBTransaction.prototype as unknown as { _start(this: FakeTransaction): void };
  const start = proto._start;
  const verdicts = new WeakMap<FakeTransaction, string | undefined>();
  const spy = vi.spyOn(proto, "_start").mockImplementation(function (this: FakeTransaction) {
    if (this.mode !== "versionchange" && this._state !== "finished" && this._requests.length === 0) {
      if (!verdicts.has(this)) verdicts.set(this, choose([...this.objectStoreNames].join(" "), this.mode));
      const reason = verdicts.get(this);
      if (reason) {
        this._abort(reason);
        return;
      }
    }
    start.call(this);
  });
  return { restore: () => spy.mockRestore() };
}

/** An `open` that behaves as given, for the requests of the store. */
export function stubOpen(open: (name: string, version?: number) => IDBOpenDBRequest): void {
  vi.spyOn(indexedDB, "open").mockImplementation(open);
}

/** The browser ends a transaction, with requests still under way. */
export function abortNow(transaction: IDBTransaction, reason: string): void {
  (transaction as unknown as FakeTransaction)._abort(reason);
}

/** Calls `action` while the nth chunk is being put. */
export function atChunk(nth: number, action: () => void): void {
  const put = IDBObjectStore.prototype.put;
  let seen = 0;
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, ...args) {
    if (this.name === "chunks" && ++seen === nth) action();
    return put.apply(this, args);
  });
}

/** Web Locks as far as the store uses them: shared locks that are held while their work runs. */
export function stubLocks(): { held: { name: string }[] } {
  const held: { name: string }[] = [];
  vi.stubGlobal("navigator", {
    locks: {
      async request(name: string, _options: object, work: () => Promise<unknown>) {
        const lock = { name };
        held.push(lock);
        try {
          return await work();
        } finally {
          held.splice(held.indexOf(lock), 1);
        }
      },
      query: async () => ({ held: [...held] }),
    },
  });
  return { held };
}
