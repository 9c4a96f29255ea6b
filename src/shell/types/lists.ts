/** Lists, scores and what is said of them. */
import type { Context, Id } from "./basics.ts";

/** What is asked of a list. */
export interface RecommendOptions {
  profile?: Id;
  /** Length of the list, 1 to 1,000. Default 10. */
  k?: number;
  /** Leave out what the person has rated, watched or hidden. Default `true`. */
  excludeSeen?: boolean;
  /** Only these items. */
  items?: Id[];
  /** None of these items. */
  exclude?: Id[];
  /** Attach reasons. Default `false`. */
  explain?: boolean;
  /**
   * How much a list leans on what many people know, where the active model expects ratings: 0 (by the rating alone,
   * little-known items first) to 4; 1 weighs the chance that somebody likes an item with how many rated it. Models of
   * preferences have their own measure. Default 1.
   */
  caution?: number;
  /** What to do with an option the active model ignores. Default `"warn"`. */
  onUnsupported?: "raise" | "warn" | "skip";
  /**
   * The moment: mood, company, how long. `status().context` lists what the active model knows of; anything else is warned
   * about. Without it scores are those without circumstances, bit for bit.
   */
  context?: Context;
}

/**
 * Where a score comes from, best first: the person's own ratings; the item's description, because the model does not
 * know it; what all people think of it; nothing but that it is in the catalog.
 */
export type Tier = "personal" | "content" | "popular" | "catalog";

export interface Confidence {
  level: "high" | "medium" | "low";
  /** Bounds of a 90 % interval, on the rating scale. */
  low: number;
  high: number;
}

export interface Recommendation {
  item: Id;
  /** Expected rating, on the scale. */
  score: number;
  /** From 1. */
  rank: number;
  confidence: Confidence;
  /** Id of the version that gave the score. */
  source: string;
  tier: Tier;
  reasons?: Reason[];
}

/** The codes of reasons. */
export type ReasonCode =
  | "your-rating"
  | "similar-liked"
  | "genre-match"
  | "archetype"
  | "like-minded"
  | "fits-the-moment"
  | "popular"
  | "well-rated"
  | "from-content"
  | "new-here";

/** One reason: a code with numbers and evidence; `text` is the shell's sentence for it. */
export interface Reason {
  code: ReasonCode;
  /** In rating points where the reason is a share of the score; else 0 to 1. */
  weight: number;
  evidence: {
    items?: Id[];
    /** The person's own ratings of those items. */
    ratings?: number[];
    genres?: string[];
    /** Tags and names that speak for an item that is known by its description alone. */
    traits?: string[];
    /** Expected rating among people with similar taste, and how many they are. */
    rating?: number;
    people?: number;
  };
  text: string;
}

/** What one feature adds to a score, under a model that learns from features. */
export interface FeatureShare {
  /** For example `genres`, `match.genres`, `context.mood`; two joined by ` × ` for a product. */
  field: string;
  /** Which of its columns, for example `Drama`; empty where there is one. */
  part: string;
  /** In rating points. */
  contribution: number;
}

/**
 * How a score came about. `baseline + Σ contributions + Σ features + context + nudge = raw`, within 1e-6; `score` is
 * `raw` clipped to the scale.
 */
export interface Explanation {
  item: Id;
  score: number;
  raw: number;
  /** The score of a person nothing is known about. */
  baseline: number;
  /** What the person's own rating of this very item adds; 0 where there is none. */
  nudge: number;
  /** What the moment adds that was asked about; 0 without one. */
  context: number;
  /** One row for each of the person's ratings, largest first. */
  contributions: { item: Id; rating: number; contribution: number }[];
  /** What features add, largest first, under `random-forest` and `logistic-regression`; else empty. */
  features: FeatureShare[];
  confidence: Confidence;
  tier: Tier;
  source: string;
  reasons: Reason[];
}

export interface Prediction {
  item: Id;
  /** `NaN` where nothing can be said. */
  value: number;
  tier: Tier | "none";
  /** Present where `value` is `NaN`. */
  reason?: "unknown-item" | "no-model";
  confidence?: Confidence;
}

export interface SimilarItem {
  item: Id;
  /** Cosine of the factor vectors, −1 to 1. */
  similarity: number;
}
