/** What feedback, items and warnings are. */

/** An id as the site knows it: any non-empty string up to 1,024 UTF-8 bytes, in Unicode NFC. */
export type Id = string;

/** One film, series or other thing that can be recommended. Unknown extra fields are kept, not used. */
export interface CatalogItem {
  id: Id;
  /** Shown to people. */
  title: string;
  /** For example `"movie"` or `"series"`. */
  type?: string;
  genres?: string[];
  /** Year of release. */
  year?: number;
  /** Running time in minutes. */
  duration?: number;
  tags?: string[];
  people?: string[];
  description?: string;
  /** When the item came into the catalog, milliseconds since 1970. */
  addedAt?: number;
  /** Site's own measure of popularity, ≥ 0. */
  popularity?: number;
  /** Site's own preference, any finite number. */
  editorial?: number;
  [extra: string]: unknown;
}

/** The rating scale. Default `{ min: 0.5, max: 5, step: 0.5 }`, or that of the pack or imported data. */
export interface Scale {
  min: number;
  max: number;
  /** Smallest difference between two ratings; `0` for a continuous scale. */
  step: number;
}

/** What somebody was in the mood for, with whom, for how long; sites may declare more keys. */
export interface Context {
  mood?: "funny" | "action" | "dramatic" | "relaxing" | (string & {});
  group?: "solo" | "couple" | "group" | (string & {});
  session?: "short" | "medium" | "binge" | (string & {});
  device?: string;
  [declared: string]: string | undefined;
}

/** Kinds of feedback. */
export type FeedbackType = "rate" | "watch" | "like" | "hide" | "impression";

/** One row of the append-only feedback log. */
export interface FeedbackRow {
  /** Whose feedback. Default `"me"`. */
  profile: Id;
  item: Id;
  type: FeedbackType;
  /** On the scale; `null` withdraws an earlier rating. */
  rating?: number | null;
  /** Share watched, 0 to 1. */
  completion?: number;
  wouldWatchAgain?: boolean;
  /**
   * In which circumstances. Where nothing is said, those of an `"impression"` of the item in the week before: whoever
   * asked for something funny and was shown it has watched it for that.
   */
  context?: Context;
  /** Of an `"impression"`: what was expected, on the scale; labels may ask for it. */
  score?: number;
  /** Milliseconds since 1970. */
  at: number;
}

/** A row as it stands in the log. */
export interface StoredFeedback extends FeedbackRow {
  /** Position in the log, from 1; the order of truth (clocks may jump, this does not). */
  seq: number;
}

/** What may be said beside a rating. */
export interface RateOptions {
  profile?: Id;
  completion?: number;
  wouldWatchAgain?: boolean;
  context?: Context;
  /** Default: now. */
  at?: number;
}

/** The answer to one piece of feedback: the stored row, and what deserves a look. */
export interface FeedbackReceipt extends StoredFeedback {
  /** For example `item-not-in-catalog`, `timestamp-looks-like-seconds`. */
  warnings: Warning[];
}

/** Something accepted, but worth saying. */
export interface Warning {
  code: string;
  message: string;
}

/** What to forget. */
export type ForgetTarget = { item: Id; profile?: Id } | { profile: Id } | "everything";
