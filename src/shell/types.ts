/**
 * The public vocabulary of tasteprint. Hand-written: what stands in these files is what users see.
 * Units, ranges and defaults are on each field.
 */

export type * from "./types/basics.ts";
export type * from "./types/curve.ts";
export type * from "./types/data.ts";
export type * from "./types/evaluation.ts";
export type * from "./types/lists.ts";
export type * from "./types/models.ts";
export type * from "./types/opening.ts";
export type * from "./types/tables.ts";
export type * from "./types/training.ts";
