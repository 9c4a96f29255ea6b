/** How a `Tasteprint` is opened, how it stands, and what it tells of. */
import type { CatalogItem, Scale, StoredFeedback, Warning } from "./basics.ts";
import type { ModelVersion } from "./models.ts";
import type { Checkpoint, TrainProgress } from "./training.ts";

export type WasmSource = URL | string | Response | ArrayBuffer | Uint8Array | WebAssembly.Module;

export type PackSource = URL | string | Response | ArrayBuffer | Uint8Array;

/** How a `Tasteprint` is opened. */
export interface OpenOptions {
  /** Name of the database; several may stand beside each other. Default `"default"`. */
  name?: string;
  catalog?: CatalogItem[];
  /** Community knowledge: bytes, or where to fetch them. */
  pack?: PackSource;
  scale?: Scale;
  /** Default `"indexeddb"`, and `"memory"` where there is none. */
  persistence?: "indexeddb" | "memory";
  /** `false` runs the engine on the calling thread; a URL says where `worker.js` lies. Default `true`. */
  worker?: boolean | URL | string;
  /** The engine's module, where the built-in copy is not wanted. */
  wasm?: WasmSource;
  /** Language of explanations. Default: the page's, else English. */
  locale?: string;
  /** Longest wait for IndexedDB at the start, in milliseconds, before memory mode. Default 3,000. */
  storageTimeout?: number;
}

export interface Status {
  name: string;
  open: boolean;
  persistence: "indexeddb" | "memory" | "none";
  worker: boolean;
  events: number;
  catalog: number;
  active: string | null;
  training: boolean;
  /** A training that was cut off and can be gone on with: `taste.resume()`. */
  checkpoint: Checkpoint | null;
  /** The scale ratings are checked against. */
  scale: Scale;
  /** Ratings of the community that were imported or given. */
  ratings: number;
  /** Circumstances the active model's scores depend on, each with the words it knows; empty where it knows of none. */
  context: Record<string, string[]>;
  /** Bytes of the engine's memory. */
  memory: number;
  engine: string;
  /** What went wrong and was mended since opening. */
  incidents: Warning[];
}

export interface EventMap {
  trained: ModelVersion;
  progress: TrainProgress;
  feedback: StoredFeedback;
  storage: { code: string; message: string };
  crash: { message: string; recovered: boolean };
  changed: { what: "catalog" | "model" | "feedback" | "data" };
}
