import type { CatalogItem, InteractionColumns } from "../../src/shell/types.ts";

export interface SimulateOptions {
  /** Any integer from 0 to 2^53 − 1. Default 20240229. */
  seed?: number;
  /** How many people. Default 1,500. */
  people?: number;
  /** How many ratings in all, met exactly. Default 100,000. */
  ratings?: number;
}

/** The genres the simulator has a hand-written taste profile for; others get a drawn one. */
export const GENRES: readonly string[];

/** Ratings of people who do not exist. The same films and options give the same bytes in every engine. */
export function simulateCommunity(
  films: readonly CatalogItem[],
  options?: SimulateOptions,
): Required<InteractionColumns>;
