/** What the parts of a host share. */
import type { Engine } from "tasteprint:bindings";
import type { Bindings } from "../init.ts";
import type { Notice, OpenArgs } from "../protocol.ts";
import type { Store } from "../store.ts";
import type { ModelVersion } from "../types.ts";
import type { CatalogIndex } from "./catalog.ts";

/** The list of versions as the engine's registry keeps it; `active` of a version is added on the way out. */
export interface Registry {
  versions: Omit<ModelVersion, "active">[];
  active?: string;
  past: string[];
}

/** An open host. */
export interface House {
  bindings: Bindings;
  engine: Engine;
  store: Store;
  catalog: CatalogIndex;
  registry: Registry;
  /** Bytes of packs given at opening: they are not stored, the site ships them. */
  packs: Map<string, Uint8Array>;
  args: OpenArgs;
  notice: (notice: Notice) => void;
  /** The last row of feedback its engine began with. */
  upTo: number;
  /** True where the site gave no catalog: then what the model or the data know is all there is to show. */
  siteless: boolean;
  /** Changes to the list of versions wait for each other: each begins with what the one before has stored. */
  turn: <T>(work: () => Promise<T>) => Promise<T>;
}

/** A queue of one's own. */
export function inTurn(): House["turn"] {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work, work);
    last = turn.catch(() => {});
    return turn;
  };
}

/**
 * Lets other messages be handled between two steps of long work. A message to oneself, because nested timers wait at
 * least 4 ms in browsers; Node's `setImmediate` where it exists, because an open port would keep the process alive.
 */
export const breathe: () => Promise<void> = (() => {
  const immediate = (globalThis as { setImmediate?: (f: () => void) => void }).setImmediate;
  if (immediate) return () => new Promise<void>((resolve) => immediate(resolve));
  let channel: MessageChannel | undefined;
  const waiting: (() => void)[] = [];
  return () => {
    if (!channel) {
      channel = new MessageChannel();
      channel.port1.onmessage = () => waiting.shift()?.();
    }
    const { port2 } = channel;
    return new Promise<void>((resolve) => {
      waiting.push(resolve);
      port2.postMessage(null);
    });
  };
})();

/** Steps of about this long leave room for an abort to be answered well within 100 ms. */
export const STEP_MS = 24;

/** Finds the budget with which a step takes about `STEP_MS`, whatever the machine. */
export function pacer(first = 20_000): { budget: number; timed: <T>(step: (budget: number) => T) => T } {
  const pace = {
    budget: first,
    timed<T>(step: (budget: number) => T): T {
      const from = performance.now();
      const result = step(pace.budget);
      const ratio = STEP_MS / Math.max(performance.now() - from, 0.1);
      pace.budget = Math.round(Math.min(5_000_000, Math.max(1_000, pace.budget * Math.min(2, Math.max(0.5, ratio)))));
      return result;
    },
  };
  return pace;
}
