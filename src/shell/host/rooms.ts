/** What the parts of a host share. */
import type { Engine, Table } from "tasteprint:bindings";
import type { Bindings } from "../init.ts";
import type { Notice, OpenArgs, Task } from "../protocol.ts";
import type { Store } from "../store.ts";
import type { ModelVersion } from "../types.ts";
import type { CatalogIndex } from "./catalog.ts";
import type { Kept } from "./checkpoint.ts";

/** The list of versions as the engine's registry keeps it; `active` of a version is added on the way out. */
export interface Registry {
  versions: Omit<ModelVersion, "active">[];
  active?: string;
  past: string[];
}

/** A model of a pack that was given at opening. */
export interface PackPart {
  version: Registry["versions"][number];
  bytes: Uint8Array;
}

/** An open host. */
export interface House {
  bindings: Bindings;
  engine: Engine;
  store: Store;
  catalog: CatalogIndex;
  registry: Registry;
  /** Models of the pack given at opening, by version: they are not stored, the site ships them. */
  packs: Map<string, PackPart>;
  /** Models of the page's own numbers, by handle, until they are closed. */
  tables: Map<string, Table>;
  args: OpenArgs;
  notice: (notice: Notice) => void;
  /** The last row of feedback its engine began with. */
  upTo: number;
  /** True where the site gave no catalog: then what the model or the data know is all there is to show. */
  siteless: boolean;
  /** Changes to the list of versions wait for each other: each begins with what the one before has stored. */
  turn: <T>(work: () => Promise<T>) => Promise<T>;
  /** A training that can be gone on with. */
  kept?: Kept | undefined;
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

/** Twice what a step takes at most on a machine of 2020: what comes next may cost more for each unit than what was. */
const MOST = 120_000;

/** Finds the budget with which a step takes about `STEP_MS`, whatever the machine. */
export function pacer(first = 20_000): { budget: number; timed: <T>(step: (budget: number) => T) => T } {
  const pace = {
    budget: first,
    timed<T>(step: (budget: number) => T): T {
      const from = performance.now();
      const result = step(pace.budget);
      const ratio = STEP_MS / Math.max(performance.now() - from, 0.1);
      pace.budget = Math.round(Math.min(MOST, Math.max(1_000, pace.budget * Math.min(2, Math.max(0.5, ratio)))));
      return result;
    },
  };
  return pace;
}

/** Work of the engine; where it fails or is aborted, the engine forgets what was under way. */
export async function undertaking<T>(house: House, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // After a trap every call traps: it would hide the reason.
    if (!(error instanceof WebAssembly.RuntimeError)) house.engine.abandon();
    throw error;
  }
}

/** Steps until `done` of what one said; messages are let through in between. */
export async function steps<P>(task: Task, step: (budget: number) => P, done: (p: P) => boolean): Promise<void> {
  const pace = pacer();
  do {
    await breathe();
    task.signal.throwIfAborted();
  } while (!done(pace.timed(step)));
}

/** True where a report is due: something countable happened, or a bar has to move. */
export function reporter(): (key: number) => boolean {
  let [last, before] = [0, -1];
  return (key) => {
    const now = performance.now();
    if (key === before && now - last < 60) return false;
    [last, before] = [now, key];
    return true;
  };
}
