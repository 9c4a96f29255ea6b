/** The community's ratings: columns, files, and what is in them. */
import type { Id, Scale, Warning } from "./basics.ts";

/** Columns of interactions: three or four typed arrays cross the boundary a hundred times faster than objects. */
export interface InteractionColumns {
  /** Ids of people; `users[i]` points into it. */
  userIds: Id[];
  itemIds: Id[];
  users: Uint32Array;
  items: Uint32Array;
  ratings: Float32Array;
  /** Milliseconds since 1970. */
  at?: Float64Array;
  /**
   * Circumstances by name (`mood`, `group`, whatever the data has): the words said of it, and for each rating the index of
   * its word, 2³² − 1 where nothing is known.
   */
  context?: Record<string, { words: string[]; of: Uint32Array }>;
  scale?: Scale;
  /** Shown beside everything learned from it, e.g. "simulated community". */
  label?: string;
}

/** Which column of a CSV is what. Keys are ours, values the file's header names. */
export interface ColumnMapping {
  user: string;
  item: string;
  rating: string;
  timestamp?: string;
  title?: string;
  genres?: string;
  /** Columns of circumstances: mood, company, place. Without a mapping those with a well-known name are taken. */
  context?: string[];
}

/** A file to import: a browser `File`, or bytes with a name. */
export type ImportFile = File | { name: string; bytes: Uint8Array | ArrayBuffer };

export interface ImportOptions {
  /** For a CSV whose header is not one of MovieLens's. */
  mapping?: ColumnMapping;
  /** `"replace"` (default) takes the place of catalog and community; `"merge"` adds to them. */
  mode?: "replace" | "merge";
  label?: string;
  scale?: Scale;
  signal?: AbortSignal;
}

export interface ImportProgress {
  phase: "reading" | "parsing" | "indexing" | "saving";
  file: string;
  /** Bytes read and expected. */
  bytes: number;
  total: number;
  rows: number;
  /** Share of the whole work done, 0 to 1. */
  fraction: number;
}

/** What goes into an export of everything. */
export interface ExportAllOptions {
  /**
   * `true`: only feedback and the kinds of models, with salted hashes for ids, days for times, and no free text. It cannot
   * be imported, and it does not make everybody nameless: `docs/privacy.md` says what it protects from. Default `false`.
   */
  anonymous?: boolean;
}

/** What is in the data, and what was left out and why. */
export interface DataReport {
  label: string;
  ratings: number;
  users: number;
  items: number;
  /** Items of the catalog, rated or not. */
  catalog: number;
  /** Share of the user × item table that is empty, 0 to 1. */
  sparsity: number;
  scale: Scale;
  mean: number;
  /** Count of each value on the scale. */
  histogram: { rating: number; count: number }[];
  /** Ratings per person and per item. */
  perUser: Spread;
  perItem: Spread;
  /** First and last timestamp, milliseconds since 1970; absent without timestamps. */
  from?: number;
  to?: number;
  missing: { timestamps: number; titles: number; genres: number; years: number };
  /** People whose ratings are all alike, or whose number of ratings is far outside the others'. */
  outliers: { constantUsers: number; heavyUsers: number };
  /** Rows not used, by reason; the first 20 with place and text. */
  dropped: { reason: string; count: number }[];
  problems: { file: string; row: number; reason: string; got: string }[];
  warnings: Warning[];
}

export interface Spread {
  min: number;
  median: number;
  mean: number;
  max: number;
}
