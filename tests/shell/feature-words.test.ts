/** Features on the page: in words, merged where the words are the same, and with nothing lost from the sum. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type FeatureReport, Tasteprint } from "../../pkg/index.js";
import {
  droppedText,
  featureShares,
  fieldName,
  fieldShares,
  fitText,
  outlierText,
  triedText,
} from "../../www/ui/feature-words.ts";

const heat = { id: "heat", title: "Heat", type: "movie", year: 1995, duration: 170, genres: ["Crime", "Sci-Fi"] };
const share = (field: string, part: string, contribution: number) => ({ field, part, contribution });

test("shares are said as people say them", () => {
  const said = (field: string, part: string, film: Parameters<typeof featureShares>[1] = heat, moment = {}) =>
    featureShares([share(field, part, 1)], film, moment)[0]?.label;
  expect(said("genres", "Crime")).toBe("Crime");
  expect(said("genres", "Science Fiction")).toBe("Science Fiction");
  expect(said("genres", "Drama")).toBe("Genres it does not have");
  expect(said("year", "")).toBe("Made in 1995");
  expect(said("year", "missing", { id: "x", title: "X" })).toBe("Year not known");
  expect(said("duration", "")).toBe("Runs 2 h 50 min");
  expect(said("match.genres", "")).toBe("Your taste in genres");
  expect(said("match.people", "")).toBe("How its people did with you");
  expect(said("context.mood", "funny", heat, { mood: "funny" })).toBe("Mood: funny");
  expect(said("context.mood", "funny")).toBe("Mood: not said");
  expect(said("context.group", "solo", heat, { group: "solo" })).toBe("Company: alone");
  expect(said("context.weekday", "6")).toBe("Weekday: not said");
  expect(said("genres × context.mood", "Crime × funny")).toBe("Genres × mood");
});

test("what was tried is said by field, and not at all where nothing was", () => {
  const report = (columns: FeatureReport["columns"]): FeatureReport => ({
    columns,
    dropped: [],
    outliers: [],
    fit: {},
  });
  const genres = (part: string, more: object) => ({ field: "genres", part, importance: 0.2, ...more });
  const year = (more: object) => ({ field: "year", importance: 0.6, ...more });
  expect(triedText(report([genres("Drama", {}), year({})]))).toEqual([]);
  const shuffled = [
    genres("Drama", { permutation: 0.1 }),
    genres("War", { permutation: 0.3 }),
    year({ permutation: 0.2 }),
  ];
  expect(triedText(report(shuffled))).toEqual(["Shuffled on purpose, these were missed most: Genres and Year."]);
  const chance = [genres("Drama", { permutation: -0.1 }), year({ permutation: 0 })];
  expect(triedText(report(chance))).toEqual([]);
  const path = [genres("Drama", { entered: 0 }), genres("War", { entered: 4 }), year({ entered: 2 })];
  expect(triedText(report(path))).toEqual(["Were few features allowed, these would come first: Year and Genres."]);
});

test("the sum stays, whatever is merged, joined or too small to be shown", () => {
  const field = fc.constantFrom(
    "genres",
    "year",
    "match.genres",
    "context.mood",
    "tags",
    "item.mean",
    "person.mean",
    "type",
    "people",
    "duration",
    "description",
    "popularity",
  );
  const part = fc.constantFrom("", "missing", "Crime", "Drama", "funny", "1");
  const rows = fc.array(
    fc.tuple(
      field,
      part,
      fc.integer({ min: -2000, max: 2000 }).map((n) => n / 1000),
    ),
    { maxLength: 60, size: "max" },
  );
  fc.assert(
    fc.property(rows, (all) => {
      const shown = featureShares(
        all.map(([f, p, c]) => share(f, p, c)),
        heat,
        { mood: "funny" },
      );
      const sum = (list: readonly { contribution: number }[]) =>
        list.reduce((total, { contribution }) => total + contribution, 0);
      expect(Math.abs(sum(shown) - sum(all.map(([, , contribution]) => ({ contribution }))))).toBeLessThan(
        12 * 0.0005 + 1e-9,
      );
      expect(shown.length).toBeLessThanOrEqual(9);
      expect(new Set(shown.map(({ label }) => label)).size).toBe(shown.length);
      const own = shown
        .filter(({ label }) => label !== "Other features")
        .map(({ contribution }) => Math.abs(contribution));
      expect(own).toEqual([...own].sort((a, b) => b - a));
      expect(own.every((size) => size >= 0.0005)).toBe(true);
    }),
  );
});

test("reports are summed by field, and say what was left out and what is odd", () => {
  const report: FeatureReport = {
    columns: [
      { field: "genres", part: "Crime", importance: 0.2 },
      { field: "genres", part: "Drama", importance: 0.3 },
      { field: "item.mean", importance: 0.4 },
      { field: "year", importance: 0.1 },
    ],
    dropped: [
      { field: "tags", part: "1" },
      { field: "tags", part: "2" },
      { field: "year", part: "missing" },
    ],
    outliers: [{ field: "duration", count: 88, example: 900, low: 1, high: 222 }],
    fit: { rmse: 0.83, r2: 0.35, rows: 90000, outOfBag: true },
  };
  const fields = fieldShares(report);
  expect(fields.map(({ label }) => label)).toEqual(["Genres", "What all think of the film", "Year"]);
  expect(fields[0]?.importance).toBeCloseTo(0.5, 9);
  expect(fields[0]?.parts.map(({ label }) => label)).toEqual(["Drama", "Crime"]);
  expect(fields[1]?.parts).toEqual([]);
  expect(droppedText(report)).toEqual(["Tags", "Year (not known)"]);
  expect(outlierText(report)).toEqual(["Running time: 88 far from the others, such as 900 where 1 to 222 is usual."]);
  expect(fitText(report.fit)).toEqual([
    "Learned from 90,000 ratings.",
    "Off by 0.83 points on ratings each tree had not seen, explaining 35% of their spread.",
  ]);
});

test("every field that models of features know of has words, and what they say of a film adds up", async () => {
  const films = Array.from({ length: 40 }, (_, i) => ({
    ...heat,
    id: `f${i}`,
    title: `F ${i}`,
    year: 1960 + i,
    duration: 80 + 3 * i,
    genres: [(i % 4) >> 1 ? "Drama" : "Comedy"],
    people: [`P ${i % 5}`],
  }));
  const taste = await Tasteprint.open({ name: "features", persistence: "memory", worker: false, catalog: films });
  try {
    const n = 60 * 20;
    const users = Uint32Array.from({ length: n }, (_, i) => Math.floor(i / 20));
    const items = Uint32Array.from({ length: n }, (_, i) => ((i % 20) * 2 + Math.floor(i / 100)) % 40);
    // Two camps, for each of which another kind of film is the good one: what is known of a person has to count.
    const ratings = Float32Array.from(items, (item, i) => ((users[i] ?? 0) % 2 === (item % 4) >> 1 ? 4.5 : 1.5));
    const userIds = Array.from({ length: 60 }, (_, i) => `u${i}`);
    await taste.addInteractions({ userIds, itemIds: films.map(({ id }) => id), users, items, ratings });
    for (const model of ["random-forest", "logistic-regression"]) {
      await taste.train({ model, seed: 3, ...(model === "random-forest" && { params: { trees: 5 } }) } as never).done;
      const version = (await taste.models.list()).find(({ active }) => active);
      const report = version?.report as FeatureReport;
      expect(version?.model).toBe(model);
      expect(report.columns.reduce((sum, { importance }) => sum + importance, 0)).toBeCloseTo(1, 6);
      for (const { field } of [...report.columns, ...report.dropped]) {
        expect(fieldName(field), field).toMatch(/^[A-Z][^.]*$/);
        expect(fieldName(field), field).not.toBe(field);
      }
      expect(fitText(report.fit).length).toBeGreaterThan(1);
      for (const [id, rating] of [
        ["f0", 5],
        ["f4", 5],
        ["f2", 1],
        ["f6", 1],
      ] as const)
        await taste.rate(id, rating);
      // A comedy and a drama: one of them differs from what is expected of somebody nothing is known about.
      let told = 0;
      for (const at of [20, 22]) {
        const why = await taste.explain(`f${at}`);
        const { baseline, nudge, context, contributions, features, raw } = why;
        const known = baseline + nudge + context;
        const sum = [...contributions, ...features].reduce((total, each) => total + each.contribution, known);
        expect(Math.abs(sum - raw)).toBeLessThan(1e-6);
        told += featureShares(features, films[at] ?? heat, {}).length;
      }
      expect(told, model).toBeGreaterThan(0);
    }
    await taste.train({ model: "popularity" }).done;
    expect((await taste.models.list()).at(-1)).not.toHaveProperty("report");
    expect((await taste.explain("f20")).features).toEqual([]);
  } finally {
    await taste.close();
  }
});
