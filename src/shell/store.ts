/**
 * What the engine's host asks of storage. Two occupants: `store-indexeddb.ts` and `store-memory.ts`; `store-open.ts`
 * chooses. All values are copied on the way in, at the call, and on the way out.
 *
 * Events are the truth; slots are caches of heavy bytes (models, data sets, snapshots). A slot is written as
 * checksummed chunks that nobody sees until one transaction switches its manifest; the generation before stays
 * until the next switch, so that a damaged chunk costs time and not data.
 */
import type { FeedbackRow, StoredFeedback } from "./types.ts";

/** A light record about a slot; listing slots never loads their bytes. */
export interface SlotInfo {
  /** For example `"model:3f2a…"`, `"dataset"`, `"catalog"`, `"state"`. */
  slot: string;
  bytes: number;
  /** SHA-256 of the content, in hex. */
  hash: string;
  /** JSON value the writer attached. */
  info: unknown;
}

export interface SlotContent extends SlotInfo {
  content: Uint8Array;
  /** True where the newest generation was damaged and the one before is returned. */
  recovered: boolean;
}

/** Something storage noticed on its own; the client makes an event of it. */
export interface StorageNotice {
  /**
   * - `storage-corrupt`: a slot's newest content was damaged; an earlier one is used, or none is left
   * - `storage-cleared`: the site's data was cleared while in use. The database is new and empty; what memory still
   *   holds should be written again
   * - `storage-version`: a newer version of the site took over the database; this one can no longer store
   * - `storage-unavailable`: the browser closed the database; it is opened again on the next call
   * - any code of an error, from `openStore`: memory is used instead of the database
   */
  code: string;
  message: string;
}

export interface Store {
  readonly persistence: "indexeddb" | "memory";

  /**
   * Appends all rows or none; resolves after the transaction is complete, with their sequence numbers. They start at 1,
   * only rise, and are never used again, neither after `removeEvents` nor after `clear`. A `seq` in a row is ignored.
   */
  append(rows: FeedbackRow[]): Promise<number[]>;
  /** Rows with `seq > after` (default 0), in order. */
  events(after?: number): Promise<StoredFeedback[]>;
  /** Removes the rows that match all given keys (`{}`: every row); resolves with their number. */
  removeEvents(match: { profile?: string; item?: string }): Promise<number>;

  /**
   * Writes `content` in chunks of 4 MiB, then switches the slot and sets `meta` entries in one transaction.
   * On any failure the old generation stays as it was and the new chunks are collected at the next open.
   * Of two tabs writing a slot at once the last to switch wins, content and `meta` together. Rejects with `busy` where
   * the slot was removed, or the store cleared, while the chunks were on their way.
   */
  write(slot: string, content: Uint8Array, info: unknown, meta?: Record<string, unknown>): Promise<void>;
  /** The newest generation whose checksum is right; `undefined` where the slot is empty or wholly damaged. */
  read(slot: string): Promise<SlotContent | undefined>;
  /** Removes a slot with all its generations, and sets `meta` entries, in one transaction. */
  remove(slot: string, meta?: Record<string, unknown>): Promise<void>;
  /** Newest generation of each slot. */
  list(): Promise<SlotInfo[]>;

  /** A small JSON value; `undefined` where there is none. */
  getMeta(key: string): Promise<unknown>;
  /** Sets all entries or none; `undefined` removes an entry, here as in `write` and `remove`. */
  setMeta(entries: Record<string, unknown>): Promise<void>;

  /** Removes every record of every store. */
  clear(): Promise<void>;
  /** Number of records in all stores together: 0 after `clear()`. */
  count(): Promise<number>;
  /** What is in a transaction is completed, everything else rejects with `closed`; a `write` may be either. */
  close(): Promise<void>;
}

export interface StoreOptions {
  name: string;
  /** SHA-256 in hex, from the engine (crypto.subtle is absent outside secure contexts). */
  hash: (bytes: Uint8Array) => string;
  /** Called when storage noticed something on its own. */
  notice: (notice: StorageNotice) => void;
  /** Milliseconds to wait for the database before giving up. */
  timeout: number;
}
