/** A small world to recommend in, alike in Node and in every browser: whole numbers only. */
import type { CatalogItem, InteractionColumns } from "tasteprint";

/** Draws whole numbers below `n`. */
export function dice(seed: number): (n: number) => number {
  let state = seed >>> 0 || 1;
  return (n) => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % n;
  };
}

const GENRES = ["Drama", "Comedy", "Horror", "Romance"];

export const films = (count: number): CatalogItem[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `f${i}`,
    title: `Film ${i}`,
    year: 1950 + (i % 70),
    genres: [GENRES[i % 4] as string],
  }));

/** People each like one genre; ratings in half steps from 0.5 to 5. */
export function community(
  people: number,
  items: number,
  ratings: number,
  seed = 7,
): Required<Omit<InteractionColumns, "context">> {
  const roll = dice(seed);
  const columns = {
    userIds: Array.from({ length: people }, (_, i) => `p${i}`),
    itemIds: Array.from({ length: items }, (_, i) => `f${i}`),
    users: new Uint32Array(ratings),
    items: new Uint32Array(ratings),
    ratings: new Float32Array(ratings),
    at: new Float64Array(ratings),
    scale: { min: 0.5, max: 5, step: 0.5 },
    label: "made up",
  };
  for (let i = 0; i < ratings; i++) {
    const user = i % people;
    // A stride that shares no factor with the number of items: nobody rates one twice.
    const item = (user * 31 + Math.floor(i / people) * 7) % items;
    const likes = item % 4 === user % 4;
    columns.users[i] = user;
    columns.items[i] = item;
    columns.ratings[i] = (likes ? 8 + roll(3) : 2 + roll(6)) / 2;
    columns.at[i] = 1_600_000_000_000 + i * 1000;
  }
  return columns;
}

/** A table of ratings as MovieLens has it: 100 ratings a person, 5,000 films. */
export function csv(rows: number): Blob {
  const parts: string[] = ["userId,movieId,rating,timestamp\n"];
  const roll = dice(11);
  let part = "";
  for (let i = 0; i < rows; i++) {
    const user = Math.floor(i / 100);
    const item = (user * 7 + (i % 100) * 50 + roll(50)) % 5_000;
    part += `${user + 1},${item + 1},${(1 + roll(10)) / 2},${1_000_000_000 + i}\n`;
    if (part.length > 1 << 16) {
      parts.push(part);
      part = "";
    }
  }
  return new Blob([...parts, part]);
}
