import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { CatalogItem, InteractionColumns } from "../../src/shell/types.ts";
import { parseFilms } from "../../www/data/films.js";
import { GENRES, simulateCommunity } from "../../www/data/simulate.js";

const films = parseFilms(readFileSync(new URL("../../www/data/films.csv", import.meta.url), "utf8"));

/** 40 films that never change, so that the golden hash stands for the simulator alone. */
const fixed: CatalogItem[] = Array.from({ length: 40 }, (_, i) => ({
  id: `film-${i}`,
  title: `Film ${i}`,
  year: 1925 + ((i * 37) % 100),
  genres: [GENRES[i % GENRES.length] ?? "", GENRES[(i * 7 + 3) % GENRES.length] ?? ""],
  people: [`Person ${i % 11}`, `Person ${11 + (i % 7)}`],
}));
const small = { seed: 7, people: 60, ratings: 1500 };
/** Of the fixed films at the small size; changes with the model, never with the machine. */
const golden = "e4fdb5c926c277870d533e0546868c5a7fc05127bde878055368fcd13b197a26";

function sha256({ userIds, itemIds, users, items, ratings, at, context }: Required<InteractionColumns>): string {
  const hash = createHash("sha256").update(JSON.stringify([userIds, itemIds]));
  for (const column of [users, items, ratings, at, ...Object.values(context).map(({ of }) => of)]) {
    hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  }
  return hash.digest("hex");
}

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

function counts(column: Uint32Array, size: number): number[] {
  const made = new Array<number>(size).fill(0);
  for (const index of column) made[index] = (made[index] ?? 0) + 1;
  return made;
}

function correlation(pairs: [number, number][]): number {
  const [x, y] = [mean(pairs.map(([a]) => a)), mean(pairs.map(([, b]) => b))];
  const sum = (of: (a: number, b: number) => number) => pairs.reduce((all, [a, b]) => all + of(a - x, b - y), 0);
  return sum((a, b) => a * b) / Math.sqrt(sum((a) => a * a) * sum((_, b) => b * b));
}

describe("reading CSV", () => {
  test("quotes, doubled quotes, line breaks, a byte order mark and empty fields", () => {
    const text =
      '\uFEFFid,title,type,year,duration,genres,people\r\na,"One, ""two""\nthree",movie,1999,,Drama|War,\r\n';
    expect(parseFilms(text)).toEqual([
      { id: "a", title: 'One, "two"\nthree', type: "movie", year: 1999, genres: ["Drama", "War"] },
    ]);
  });

  test.each([
    ["id,title\na,b,c\n", /row 2: 3 fields instead of 2/],
    ['id,title\na,b"c\n', /stray quote/],
    ["id,title,year\na,b,soon\n", /row 2: year is not a number: soon/],
    ["id,title\n,b\n", /row 2: id or title is empty/],
    ["id,name\na,b\n", /no column "title"/],
  ])("refuses %j", (text, message) => {
    expect(() => parseFilms(text)).toThrow(message);
  });
});

describe("the film list", () => {
  test("has at least 400 films, each once", () => {
    expect(films.length).toBeGreaterThanOrEqual(400);
    expect(new Set(films.map((film) => film.id)).size).toBe(films.length);
    const names = films.map((film) => `${film.title.toLowerCase()} (${film.year})`);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  test("uses the known genres, each film some and none twice", () => {
    const odd = films.filter(({ genres = [] }) => {
      return !genres.length || new Set(genres).size < genres.length || !genres.every((name) => GENRES.includes(name));
    });
    expect(odd).toEqual([]);
    const used = new Set(films.flatMap((film) => film.genres ?? []));
    expect(GENRES.filter((genre) => !used.has(genre))).toEqual([]);
  });

  test("has plausible types, years, durations and people", () => {
    const odd = films.filter(({ type = "", year = 0, duration = 0, people = [] }) => {
      const shortest = type === "series" ? 5 : 40;
      const whole = Number.isInteger(year) && Number.isInteger(duration);
      const plausible = year >= 1920 && year <= 2025 && duration >= shortest && duration <= 600;
      return !["movie", "series"].includes(type) || !whole || !plausible || people.length === 0;
    });
    expect(odd).toEqual([]);
  });
});

describe("the simulated community", () => {
  const made = simulateCommunity(films);
  const { userIds, itemIds, users, items, ratings, at, scale } = made;

  test("same seed, same bytes", () => {
    expect(sha256(simulateCommunity(fixed, small))).toBe(golden);
    expect(sha256(simulateCommunity(films))).toBe(sha256(made));
  });

  test("another seed, another community; seeds beyond 32 bits count too", () => {
    const seeds = [7, 8, 7 + 2 ** 32];
    expect(new Set(seeds.map((seed) => sha256(simulateCommunity(fixed, { ...small, seed })))).size).toBe(3);
  });

  test("has as many ratings and people as asked for", () => {
    expect([users.length, items.length, ratings.length, at.length]).toEqual([100_000, 100_000, 100_000, 100_000]);
    expect(new Set(userIds).size).toBe(1500);
    expect(new Set(itemIds).size).toBe(itemIds.length);
    expect(made.label).toBe("simulated community");
    for (const [people, asked] of [
      [1, 1],
      [3, 100],
      [50, 2000],
      [7, 277],
    ] as const) {
      expect(simulateCommunity(fixed, { people, ratings: asked }).users).toHaveLength(asked);
    }
  });

  test("nobody rates a film twice, even where nearly all is rated", () => {
    const all = simulateCommunity(fixed, { people: 50, ratings: 50 * 40 - 1 });
    for (const part of [made, all]) {
      const pairs = new Set(part.users.map((user, i) => user * 1000 + (part.items[i] ?? 0)));
      expect(pairs.size).toBe(part.users.length);
    }
  });

  test("people give 20 to 300 ratings, few of them many", () => {
    const perUser = counts(users, userIds.length).sort((a, b) => a - b);
    expect(perUser[0]).toBeGreaterThanOrEqual(20);
    expect(perUser.at(-1)).toBeLessThanOrEqual(300);
    expect(perUser.at(-1)).toBeGreaterThan(250);
    expect(perUser[750]).toBeLessThan(mean(perUser) * 0.8);
  });

  test("few films have many of the ratings", () => {
    const perItem = counts(items, itemIds.length).sort((a, b) => b - a);
    const top = perItem.slice(0, Math.floor(perItem.length / 5));
    expect(top.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(100_000 * 0.35);
    expect(perItem[Math.floor(perItem.length / 2)]).toBeGreaterThan(25); // enough to learn from for half of them
  });

  test("ratings lie on the scale in half steps, around 3.5, using all of it", () => {
    expect(scale).toEqual({ min: 0.5, max: 5, step: 0.5 });
    const values = [...new Set(ratings)].sort((a, b) => a - b);
    expect(values).toEqual([0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5]);
    expect(mean(ratings)).toBeGreaterThan(3.4);
    expect(mean(ratings)).toBeLessThan(3.6);
  });

  test("times lie in the five years before March 2024, in each person's order, after the film came out", () => {
    const years = new Map(films.map((film) => [film.id, film.year ?? 0]));
    const wrong = Array.from(at, (when, i) => {
      const early = when < Date.UTC(years.get(itemIds[items[i] ?? 0] ?? "") ?? 0, 0, 1);
      const backwards = users[i] === users[i - 1] && when < (at[i - 1] ?? 0);
      return when < Date.UTC(2019, 2, 1) || when >= Date.UTC(2024, 2, 1) || when % 1000 !== 0 || early || backwards;
    });
    expect(wrong.filter(Boolean)).toHaveLength(0);
  });

  /**
   * How alike two halves of a person's ratings of one set of films are, beside film mean and personal mean: the
   * correlation over people with at least three ratings in each half. Chance alone gives a little less than 0, since
   * what one half has above the personal mean the other lacks.
   */
  function consistency(belongs: (film: CatalogItem) => boolean): number {
    const sums = (column: Uint32Array, size: number, value: (i: number) => number) => {
      const [sum, count] = [new Float64Array(size), counts(column, size)];
      column.forEach((index, i) => {
        sum[index] = (sum[index] ?? 0) + value(i);
      });
      return sum.map((total, index) => total / (count[index] || 1));
    };
    const rating = (i: number) => ratings[i] ?? 0;
    const ofItem = sums(items, itemIds.length, rating);
    const ofUser = sums(users, userIds.length, (i) => rating(i) - (ofItem[items[i] ?? 0] ?? 0));
    const chosen = new Set(films.filter(belongs).map((film) => film.id));
    const halves = userIds.map((): [number[], number[]] => [[], []]);
    items.forEach((item, i) => {
      const user = users[i] ?? 0;
      const own = halves[user];
      if (!own || !chosen.has(itemIds[item] ?? "")) return;
      own[own[0].length > own[1].length ? 1 : 0].push(rating(i) - (ofItem[item] ?? 0) - (ofUser[user] ?? 0));
    });
    return correlation(halves.filter(([, b]) => b.length >= 3).map(([a, b]) => [mean(a), mean(b)]));
  }

  test("six in ten ratings tell of each circumstance, its words about evenly", () => {
    expect(Object.entries(made.context).map(([name, { words }]) => [name, words])).toEqual([
      ["mood", ["funny", "action", "dramatic", "relaxing"]],
      ["group", ["solo", "couple", "group"]],
      ["session", ["short", "medium", "binge"]],
    ]);
    for (const { words, of } of Object.values(made.context)) {
      const told = Array.from(of).filter((word) => word < words.length);
      expect(told.length / of.length).toBeGreaterThan(0.59);
      expect(told.length / of.length).toBeLessThan(0.61);
      for (const word of words.keys())
        expect(told.filter((each) => each === word).length / told.length).toBeCloseTo(1 / words.length, 1);
    }
  });

  /** How much higher films of a genre are rated in one mood than in the others. */
  function gain(mood: string, genre: string): number {
    const { words, of } = made.context.mood ?? { words: [], of: new Uint32Array() };
    const chosen = new Set(films.filter(({ genres }) => genres?.includes(genre)).map(({ id }) => id));
    const of4: [number[], number[]] = [[], []];
    items.forEach((item, i) => {
      if (!chosen.has(itemIds[item] ?? "")) return;
      if (words[of[i] ?? 9] === mood) of4[0].push(ratings[i] ?? 0);
      else if ((of[i] ?? 9) < words.length) of4[1].push(ratings[i] ?? 0);
    });
    return mean(of4[0]) - mean(of4[1]);
  }

  test("moods make a difference, and a modest one", () => {
    for (const [mood, genre] of [
      ["funny", "Comedy"],
      ["action", "Action"],
      ["dramatic", "Drama"],
      ["relaxing", "Family"],
    ] as const) {
      expect(gain(mood, genre), mood).toBeGreaterThan(0.1);
      expect(gain(mood, genre), mood).toBeLessThan(0.6);
    }
    expect(gain("funny", "Horror")).toBeLessThan(-0.05);
  });

  test.each(["Comedy", "Science Fiction", "Romance", "Horror", "Action", "Family"])("taste in %s shows", (genre) => {
    expect(consistency((film) => film.genres?.includes(genre) ?? false)).toBeGreaterThan(0.3);
  });

  test("taste does not show in films that have nothing in common", () => {
    const parity = new Map(films.map((film, i) => [film.id, (i * 7919) % 5]));
    expect(consistency((film) => parity.get(film.id) === 0)).toBeLessThan(0.1);
  });

  test("people choose what they like: they rate more films of the genre they rate highest", () => {
    const horror = new Set(films.filter((film) => film.genres?.includes("Horror")).map((film) => film.id));
    const own = userIds.map(() => ({ all: [] as number[], horror: [] as number[] }));
    items.forEach((item, i) => {
      const person = own[users[i] ?? 0];
      const rating = ratings[i] ?? 0;
      person?.all.push(rating);
      if (horror.has(itemIds[item] ?? "")) person?.horror.push(rating);
    });
    const pairs = own
      .filter((person) => person.horror.length >= 3)
      .map((person): [number, number] => {
        return [mean(person.horror) - mean(person.all), person.horror.length / person.all.length];
      });
    expect(correlation(pairs)).toBeGreaterThan(0.2);
  });

  test.each([
    [{ seed: -1 }, /seed must be/],
    [{ seed: 2 ** 53 }, /seed must be/],
    [{ people: 0 }, /people must be/],
    [{ people: 10, ratings: 9 }, /ratings must be/],
    [{ people: 10, ratings: 401 }, /400 ratings at most/],
  ])("refuses %j", (options, message) => {
    expect(() => simulateCommunity(fixed, { ...small, ...options })).toThrow(message);
  });

  test("refuses two films with one id", () => {
    expect(() => simulateCommunity([...fixed, ...fixed], small)).toThrow(/same id/);
  });
});
