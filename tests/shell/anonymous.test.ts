/** The anonymous export: what is in it, and above all what is not. */
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { type CatalogItem, type Context, Tasteprint } from "../../pkg/index.js";
import { entriesOf, unpack } from "../../src/shell/zip.ts";

const open: Tasteprint[] = [];
afterEach(async () => {
  for (const taste of open.splice(0)) await taste.close();
  vi.restoreAllMocks();
});

async function fresh(catalog: CatalogItem[], name = "default"): Promise<Tasteprint> {
  const taste = await Tasteprint.open({ name, persistence: "memory", worker: false, catalog });
  open.push(taste);
  return taste;
}

interface Row {
  profile: string;
  item: string;
  type: string;
  at: number;
  rating?: number | null;
  completion?: number;
  wouldWatchAgain?: boolean;
  context?: Context;
}

async function filesOf(blob: Blob): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await entriesOf(blob)) {
    const parts: Uint8Array[] = [];
    for await (const part of unpack(blob, entry)) parts.push(part);
    files[entry.name] = await new Blob(parts as BlobPart[]).text();
  }
  return files;
}

const rowsOf = async (blob: Blob): Promise<Row[]> => JSON.parse((await filesOf(blob))["feedback.json"] ?? "");

/** Every string in a JSON value, keys included. */
function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [...(Array.isArray(value) ? [] : [key]), ...stringsIn(each)]);
}

const HASH = /^[0-9a-f]{16}$/;
const DAY = 86_400_000;
const FIRST = Date.UTC(2021, 0, 1);
/** All words a file may hold besides hashes. */
const WORDS = new Set([
  ...["profile", "item", "type", "at", "rating", "completion", "wouldWatchAgain", "context"],
  ...["rate", "watch", "like", "hide", "impression"],
  ...[
    "mood",
    "funny",
    "action",
    "dramatic",
    "relaxing",
    "group",
    "solo",
    "couple",
    "session",
    "short",
    "medium",
    "binge",
  ],
]);

/** Anything that may stand in an id or a title: quotes, other scripts, names that objects have anyway. */
const odd = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 24 }) },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 24 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("__proto__", "constructor", "toString", "../x", 'a"b\\c', "é", "e\u0301", "0", "funny"),
  },
);
/** The engine refuses control characters in ids and circumstances, and ids of nothing but space. */
const anId = odd.filter((text) => !/\p{Cc}/u.test(text) && text.trim() !== "");
const word = fc.oneof(anId, fc.constantFrom("funny", "solo", "binge", "couple", "relaxing"));
const event = fc.record(
  {
    item: fc.nat(7),
    profile: fc.nat(2),
    type: fc.constantFrom("rate" as const, "watch" as const, "hide" as const),
    rating: fc.option(fc.integer({ min: 1, max: 10 }).map((n) => n / 2)),
    completion: fc.nat(100_000).map((n) => n / 100_000),
    wouldWatchAgain: fc.boolean(),
    context: fc.dictionary(fc.oneof(fc.constantFrom("mood", "group", "session", "device"), anId), word, { maxKeys: 4 }),
    // Not midnight, so that the exact time differs from the day.
    time: fc.integer({ min: 1, max: DAY - 1 }),
  },
  { requiredKeys: ["item", "profile", "type", "rating", "time"] },
);
const world = fc.record({
  name: anId,
  ids: fc.uniqueArray(anId, { minLength: 8, maxLength: 8, selector: (id) => id.normalize("NFC") }),
  profiles: fc.uniqueArray(anId, { minLength: 3, maxLength: 3, selector: (id) => id.normalize("NFC") }),
  text: fc.array(odd, { minLength: 3, maxLength: 3 }),
  events: fc.array(event, { minLength: 1, maxLength: 12 }),
});

/** As it would stand in a file: as it is, and as JSON writes it. Too short to be told from chance is left out. */
const traces = (text: string) =>
  [text, text.normalize("NFC"), JSON.stringify(text).slice(1, -1)].filter(
    (each) => each.length > 4 && !WORDS.has(each) && !/^[\s0-9a-f.,:{}[\]"-]*$/.test(each),
  );

test("no id, title, exact time or word of free text is in the file, whatever they look like", async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ name, ids, profiles, text, events }) => {
      const [title = "", description = "", tag = ""] = text;
      const taste = await fresh(
        ids.map((id) => ({ id, title, description, tags: [tag], people: [tag], genres: [tag], note: description })),
        name,
      );
      const said: { item: string; profile: string; day: number; context?: Context }[] = [];
      const secrets = [name, ...text, ...ids, ...profiles];
      // One row a day: their order is that of the days, and each can be compared with what it was made of.
      for (const [i, { time, context, rating, ...row }] of events.entries()) {
        const at = FIRST + i * DAY + time;
        const item = ids[row.item] as string;
        const profile = profiles[row.profile] as string;
        await taste.record({
          ...row,
          item,
          profile,
          at,
          ...(row.type === "rate" && { rating }),
          ...(context && { context }),
        });
        said.push({
          item: item.normalize("NFC"),
          profile: profile.normalize("NFC"),
          day: FIRST + i * DAY,
          ...(context && { context }),
        });
        secrets.push(String(at), new Date(at).toISOString(), ...Object.entries(context ?? {}).flat());
      }
      const blob = await taste.exportAll({ anonymous: true });
      const bytes = await blob.text();
      for (const secret of secrets.flatMap(traces)) expect(bytes).not.toContain(secret);
      const times = events.map(({ time }, i) => String(FIRST + i * DAY + time));
      for (const time of times) expect(bytes).not.toContain(time);

      // Stronger than looking for what must not be there: nothing is there but hashes and words that all say.
      const files = await filesOf(blob);
      expect(Object.keys(files)).toEqual(["manifest.json", "feedback.json", "versions.json"]);
      const rows: Row[] = JSON.parse(files["feedback.json"] ?? "");
      expect(stringsIn(rows).filter((each) => !WORDS.has(each) && !HASH.test(each))).toEqual([]);
      expect(JSON.parse(files["versions.json"] ?? "")).toEqual([]);
      expect(Object.keys(JSON.parse(files["manifest.json"] ?? ""))).toEqual(["format", "major", "exportedAt", "scale"]);

      // Same id, same hash; other id, other hash; and all that is to be kept is kept.
      expect(rows.map(({ at }) => at)).toEqual(said.map(({ day }) => day));
      for (const key of ["item", "profile"] as const) {
        const pairs = new Map(rows.map((row, i) => [said[i]?.[key], row[key]]));
        expect(rows.map((row) => row[key])).toEqual(said.map((each) => pairs.get(each[key])));
        expect(new Set(pairs.values()).size).toBe(pairs.size);
      }
      for (const [i, row] of rows.entries()) {
        const { type, rating, completion, wouldWatchAgain, context } = events[i] as (typeof events)[number];
        expect(row).toMatchObject({
          type,
          ...(type === "rate" && { rating }),
          ...(wouldWatchAgain !== undefined && { wouldWatchAgain }),
        });
        if (completion !== undefined)
          expect(Math.abs((row.completion ?? 9) - completion)).toBeLessThanOrEqual(0.005001);
        for (const [key, value] of Object.entries(row.context ?? {})) expect(context?.[key]).toBe(value);
        if (context?.mood === "funny") expect(row.context?.mood).toBe("funny");
      }
      await open.pop()?.close();
    }),
    { numRuns: 60 },
  );
});

const films = Array.from({ length: 12 }, (_, i) => ({ id: `film-${i}`, title: `Title ${i}`, genres: ["Drama"] }));

test("hashes are HMAC-SHA-256 under 16 fresh bytes that are not in the file", async () => {
  const taste = await fresh(films);
  await taste.rate("film-3", 4, { profile: "Ann" });
  const real = crypto.getRandomValues.bind(crypto);
  const drawn: Uint8Array[] = [];
  vi.spyOn(crypto, "getRandomValues").mockImplementation((into) => {
    const filled = real(into as Uint8Array<ArrayBuffer>);
    drawn.push(filled.slice());
    return filled as never;
  });
  const blob = await taste.exportAll({ anonymous: true });
  expect(drawn.map(({ length }) => length)).toEqual([16]);
  const salt = Buffer.from(drawn[0] as Uint8Array);
  const hash = (id: string) => createHmac("sha256", salt).update(id).digest("hex").slice(0, 16);
  expect(await rowsOf(blob)).toMatchObject([{ item: hash("film-3"), profile: hash("Ann") }]);
  const bytes = Buffer.from(await blob.arrayBuffer());
  for (const form of [salt, salt.toString("hex"), salt.toString("base64"), salt.join(",")])
    expect(bytes.includes(form)).toBe(false);
});

test("two exports of the same have no hash in common", async () => {
  const taste = await fresh(films);
  for (const { id } of films) await taste.rate(id, 3, { profile: id });
  const hashes = async () => {
    const rows = await rowsOf(await taste.exportAll({ anonymous: true }));
    return new Set(rows.flatMap(({ item, profile }) => [item, profile]));
  };
  const [first, second] = [await hashes(), await hashes()];
  expect([first.size, second.size]).toEqual([12, 12]);
  expect([...first].filter((hash) => second.has(hash))).toEqual([]);
});

test("within a day the order is not told, but what was said twice of a film stays in order", async () => {
  const taste = await fresh(films);
  for (const [i, { id }] of [...films, ...films].entries())
    await taste.rate(id, i < 12 ? 2 : 4, { at: FIRST + 1000 * (i + 1) });
  const rows = await rowsOf(await taste.exportAll({ anonymous: true }));
  const order = rows.map(({ item }) => item);
  expect(order).toEqual([...order].sort());
  expect(rows.map(({ rating }) => rating)).toEqual(films.flatMap(() => [2, 4]));
});

function community() {
  const [users, items, ratings]: [number[], number[], number[]] = [[], [], []];
  for (let user = 0; user < 60; user++)
    for (let item = 0; item < 12; item++)
      if ((user + item) % 3) {
        users.push(user);
        items.push(item);
        ratings.push(1 + ((user * item) % 9) / 2);
      }
  return {
    userIds: Array.from({ length: 60 }, (_, u) => `person-${u}`),
    itemIds: films.map(({ id }) => id),
    users: Uint32Array.from(users),
    items: Uint32Array.from(items),
    ratings: Float32Array.from(ratings),
    label: "the neighbours' ratings",
  };
}

test("of versions their kind is left, and nothing of those learned from the person's own feedback", async () => {
  const taste = await fresh(films, "Ann's cinema");
  for (let user = 0; user < 6; user++)
    for (let i = 0; i < 8; i++)
      await taste.rate(`film-${(user + i) % 12}`, 1 + ((user + i) % 9) / 2, { profile: `p${user}` });
  const own = await taste.train({ model: "popularity", label: "of us" }).done;
  expect(own.trained).toBe(true);
  expect(JSON.parse((await filesOf(await taste.exportAll({ anonymous: true })))["versions.json"] ?? "")).toEqual([]);

  await taste.addInteractions(community());
  await taste.train({ model: "item-knn", label: "of the neighbours" }).done;
  const version = (await taste.models.list()).find(({ model }) => model === "item-knn");
  const blob = await taste.exportAll({ anonymous: true });
  const versions = JSON.parse((await filesOf(blob))["versions.json"] ?? "");
  expect(versions).toEqual([
    {
      id: expect.stringMatching(HASH),
      model: "item-knn",
      params: version?.params,
      createdAt: Math.floor((version?.createdAt ?? 0) / DAY) * DAY,
      source: "trained",
      active: true,
    },
  ]);
  const features = { features: [{ field: "genres", encode: "multi-hot", words: ["Drama", "Ann's favourites"] }] };
  await taste.train({ model: "random-forest", params: { trees: 5, features } } as never).done;
  const forest = await filesOf(await taste.exportAll({ anonymous: true }));
  expect(JSON.parse(forest["versions.json"] ?? "")).toMatchObject([
    { model: "item-knn", active: false },
    { model: "random-forest", params: { trees: 5 }, active: true },
  ]);
  const bytes = (await blob.text()) + Object.values(forest).join();
  for (const secret of [
    "favourites",
    version?.id,
    version?.hash,
    String(version?.seed),
    "neighbours'",
    "person-",
    "Ann",
    "of us",
  ])
    expect(bytes).not.toContain(secret);
});

test("an anonymous export is not taken in, says why, and changes nothing", async () => {
  const taste = await fresh(films);
  await taste.rate("film-1", 4);
  const file = await taste.exportAll({ anonymous: true });
  const before = [await taste.stateHash(), await taste.feedback()];
  const error = await taste.importAll(file).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: "unsupported", details: { place: "manifest.json" } });
  expect(error.message).toMatch(/anonymous export cannot be taken in.*Nothing was changed/s);
  expect([await taste.stateHash(), await taste.feedback()]).toEqual(before);
});

test("options that do not exist, and values that are neither true nor false, are refused", async () => {
  const taste = await fresh(films);
  const refusal = (options: object) =>
    taste.exportAll(options as never).catch((error) => [error.code, error.details.place]);
  expect(await refusal({ anonymus: true })).toEqual(["unknown-option", "exportAll.anonymus"]);
  expect(await refusal({ anonymous: "yes" })).toEqual(["invalid-argument", "exportAll.anonymous"]);
  const whole = await filesOf(await taste.exportAll({ anonymous: false }));
  expect(Object.keys(whole)).toEqual(Object.keys(await filesOf(await taste.exportAll())));
});

test("the example of docs/privacy.md is what happens", async () => {
  const text = readFileSync("docs/privacy.md", "utf8");
  const [, code = ""] = /```js\n([\s\S]*?)```/.exec(text) ?? [];
  const [, shown = ""] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
  const catalog = ["heat-1995", "casablanca-1942"].map((id) => ({ id, title: id }));
  const body = code.replace('name: "cinema",', 'name: "cinema", persistence: "memory", worker: false,');
  const run = new Function(
    "Tasteprint",
    "films",
    `return (async () => { ${body}; return { taste, diary, anonymous }; })()`,
  );
  const { taste, diary, anonymous } = await run(Tasteprint, catalog);
  open.push(taste);
  expect(await diary.text()).toContain("Ann's tablet");
  expect(await anonymous.text()).not.toMatch(/Ann|heat|casablanca|tablet/);
  const row = (await rowsOf(anonymous)).find(({ rating }) => rating === 4.5);
  const example: Row = JSON.parse(shown);
  expect(example.at % DAY).toBe(0);
  expect([example.item, example.profile].every((hash) => HASH.test(hash))).toBe(true);
  const { item, profile, at } = row as Row;
  expect({ ...example, item, profile, at }).toEqual(row);
});
