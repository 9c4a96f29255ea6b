/** Chooses the store: IndexedDB where it works, memory where it does not. */
import { TasteprintError } from "./errors.ts";
import type { Store, StoreOptions } from "./store.ts";
import { openIndexedDbStore } from "./store-indexeddb.ts";
import { createMemoryStore } from "./store-memory.ts";

/**
 * A store in any case and in bounded time. Where IndexedDB fails (absent, forbidden, blocked by another tab, written
 * by a newer version, silent for longer than `timeout`) the database is left as it is, `notice` is told the code,
 * and the answer is a memory store.
 */
export async function openStore(options: StoreOptions & { persistence?: "indexeddb" | "memory" }): Promise<Store> {
  if (options.persistence !== "memory") {
    try {
      return await openIndexedDbStore(options);
    } catch (error) {
      const { code, message } = TasteprintError.toData(error);
      options.notice({ code, message: `${message} Until the page is closed everything is kept in memory.` });
    }
  }
  return createMemoryStore(options);
}
