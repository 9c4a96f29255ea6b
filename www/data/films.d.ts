import type { CatalogItem } from "../../src/shell/types.ts";

/** Reads the text of `films.csv`; rows come in the file's order. Throws on a malformed row, naming it. */
export function parseFilms(csvText: string): CatalogItem[];
