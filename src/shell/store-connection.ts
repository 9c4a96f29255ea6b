/**
 * The connection to IndexedDB: opened within a time limit, given up when a newer tab asks for it, and opened again
 * when the browser closes it behind our back. What is stored where is said by `Schema`.
 */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import { TasteprintError } from "./errors.ts";
import type { StoreOptions } from "./store.ts";
import { closedError, storageError, unavailable } from "./store-errors.ts";
import type { FeedbackRow } from "./types.ts";

/** Version of `Schema`. */
const VERSION = 1;
/** How often in a row one operation may find its connection dead before it gives up. */
const REOPENS = 3;

/** What makes the chunks of one batch the content of a slot. */
export interface Manifest {
  slot: string;
  /** One more than the generation before; given by the transaction that switches, so that the last switch wins. */
  generation: number;
  /** Names the chunks; drawn at random, so that tabs writing the same slot at once never share a chunk. */
  batch: number;
  bytes: number;
  /** Number of chunks. */
  chunks: number;
  /** SHA-256 of the content, in hex. */
  hash: string;
  info: unknown;
  /** Milliseconds since 1970; for people, never for order. */
  createdAt: number;
}

/** The object stores, their keys and their values. */
export interface Schema extends DBSchema {
  /** Key: `seq`. */
  events: { key: number; value: FeedbackRow; indexes: { profile: string; item: string } };
  /** Key: slot, batch, index. Buffers and never blobs: a blob is a file that can go missing on its own. */
  chunks: { key: [string, number, number]; value: ArrayBuffer };
  /** Key: slot, generation. */
  manifests: { key: [string, number]; value: Manifest };
  meta: { key: string; value: unknown };
}

type Name = "events" | "chunks" | "manifests" | "meta";
type Mode = "readonly" | "readwrite";
type Database = IDBPDatabase<Schema>;

/** A transaction as the operations see it. */
export type Transaction<M extends Mode> = IDBPTransaction<Schema, Name[], M>;

/** Every object store. */
export const NAMES = ["events", "chunks", "manifests", "meta"] as const satisfies Name[];

/** A connection that mends itself. */
export interface Connection {
  /**
   * One transaction: all of `body` or nothing, and resolved only once it is complete, because a request's success is
   * not a commit. `body` may await nothing but requests of `tx`, and may run again where the connection was lost.
   */
  run<M extends Mode, T>(names: readonly Name[], mode: M, body: (tx: Transaction<M>) => Promise<T>): Promise<T>;
  /** Lets running transactions finish; everything after rejects with `closed`. */
  close(): void;
}

/** `work`, or what `late` throws after `ms` milliseconds. */
export function within<T>(ms: number, work: Promise<T>, late: () => TasteprintError): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Opens the database; rejects with `storage-version`, `-blocked`, `-quota` or `-unavailable`, always in bounded time. */
export async function connect({ name, timeout, notice }: StoreOptions): Promise<Connection> {
  let db: Database | undefined;
  let opening: Promise<Database> | undefined;
  let closed = false;
  let known = false;

  const drop = (lost: Database) => {
    lost.close();
    if (db === lost) db = undefined;
  };

  const open = async (): Promise<Database> => {
    let blocked = false;
    let late = false;
    let created = false;
    // An async function, because a missing or forbidden `indexedDB` throws on the spot.
    const request = async () => {
      const opened = await openDB<Schema>(`tasteprint:${name}`, VERSION, {
        upgrade(database, before) {
          created = before < 1;
          if (!created) return;
          const events = database.createObjectStore("events", { autoIncrement: true });
          events.createIndex("profile", "profile");
          events.createIndex("item", "item");
          for (const store of NAMES.slice(1)) database.createObjectStore(store);
        },
        blocked() {
          blocked = true;
        },
        blocking(_, next) {
          drop(opened);
          notice(
            next
              ? { code: "storage-version", message: "A newer version of the site takes over the database." }
              : { code: "storage-unavailable", message: "The database is being deleted from elsewhere." },
          );
        },
        terminated() {
          // Nothing to do: the next transaction finds it closed and opens it again.
          notice({ code: "storage-unavailable", message: "The browser closed the database; it will be opened again." });
        },
      });
      // Nobody waits any more, and an idle connection would block the upgrades of others.
      if (late) opened.close();
      return opened;
    };
    const opened = await within(timeout, request(), () => {
      late = true;
      return blocked
        ? new TasteprintError(
            "storage-blocked",
            `Another tab held an older version of the database for ${timeout} ms. Close the site's other tabs.`,
          )
        : new TasteprintError("storage-unavailable", `The browser's database did not open within ${timeout} ms.`);
    }).catch((error: unknown) => {
      throw unavailable(error);
    });
    if (closed) {
      opened.close();
      throw closedError();
    }
    if (created && known) notice({ code: "storage-cleared", message: "The site's data was cleared while in use." });
    known = true;
    db = opened;
    return opened;
  };

  const use = () => {
    opening ??= open().finally(() => {
      opening = undefined;
    });
    return opening;
  };

  await use();
  return {
    async run(names, mode, body) {
      for (let reopens = 0; ; reopens++) {
        if (closed) throw closedError();
        // Without an await where there is a connection: the transaction then stands before a `close()` right after.
        const current = db ?? (await use());
        try {
          return await transact(current, names, mode, body);
        } catch (error) {
          if (!isLost(error)) throw storageError(error);
          drop(current);
          if (reopens === REOPENS) throw storageError(error);
        }
      }
    },
    close() {
      closed = true;
      db?.close();
      db = undefined;
    },
  };
}

async function transact<M extends Mode, T>(
  db: Database,
  names: readonly Name[],
  mode: M,
  body: (tx: Transaction<M>) => Promise<T>,
): Promise<T> {
  // Relaxed: complete once the operating system has it. That outlives a killed browser, not a power cut.
  const tx = db.transaction([...names], mode, { durability: "relaxed" });
  // It may reject while the body still waits for a request; unheard, that would be an unhandled rejection.
  tx.done.catch(() => {});
  try {
    const result = await body(tx);
    await tx.done;
    return result;
  } catch (error) {
    try {
      // Else the requests before the failing one would be committed.
      tx.abort();
    } catch {
      // It was over already.
    }
    // Requests of an aborted transaction say only "AbortError"; the reason, such as quota, is on the transaction.
    throw error instanceof DOMException && error.name === "AbortError" ? (tx.error ?? error) : error;
  }
}

/** Closed, aborted by the browser, server gone (Safari), stores gone with the site's data: a new connection may help. */
function isLost(error: unknown): boolean {
  return error instanceof DOMException && /^(InvalidState|Abort|Unknown|NotFound)Error$/.test(error.name);
}
