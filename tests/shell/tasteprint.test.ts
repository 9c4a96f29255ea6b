/** The package as it is shipped, in Node: the same engine, store in memory, no worker. Browsers: tests/browser. */
import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { Tasteprint, TasteprintError } from "../../pkg/index.js";

const films = Array.from({ length: 30 }, (_, i) => ({
  id: `f${i}`,
  title: `Film ${i}`,
  genres: [i % 2 ? "Drama" : "Comedy"],
  year: 1990 + i,
  poster: `${i}.png`,
}));
const open: Tasteprint[] = [];

/** Two camps: half of the people love the even films, half the odd ones. */
function camps() {
  const [users, items, ratings]: number[][] = [[], [], []];
  for (let u = 0; u < 80; u++)
    for (let i = 0; i < 30; i++)
      if ((u * 7 + i * 3) % 5) {
        users?.push(u);
        items?.push(i);
        ratings?.push(u % 2 === i % 2 ? 4.5 : 1.5);
      }
  return {
    userIds: Array.from({ length: 80 }, (_, u) => `u${u}`),
    itemIds: films.map((f) => f.id),
    users: Uint32Array.from(users ?? []),
    items: Uint32Array.from(items ?? []),
    ratings: Float32Array.from(ratings ?? []),
    scale: { min: 0.5, max: 5, step: 0.5 },
    label: "two camps",
  };
}

async function fresh(trained = true): Promise<Tasteprint> {
  const taste = await Tasteprint.open({ persistence: "memory", worker: false, catalog: films });
  open.push(taste);
  if (trained) {
    await taste.addInteractions(camps());
    const params = { factors: 4, epochs: 40, regularization: 0.02 };
    await taste.train({ model: "matrix-factorization", params, seed: 3 }).done;
  }
  return taste;
}

afterEach(async () => {
  for (const taste of open.splice(0)) await taste.close();
  vi.restoreAllMocks();
});

test("a rating is reflected in the next list, with reasons that add up", async () => {
  const taste = await fresh();
  const before = await taste.recommend({ k: 5 });
  expect(before.every((r) => r.tier === "popular")).toBe(true);
  for (const film of ["f0", "f2", "f4"]) await taste.rate(film, 5);
  await taste.rate("f1", 0.5);
  const list = await taste.recommend({ k: 5, explain: true });
  expect(list.every((r) => Number(r.item.slice(1)) % 2 === 0 && r.tier === "personal")).toBe(true);
  expect(list[0]?.reasons?.length).toBeGreaterThan(0);
  expect(list[0]?.reasons?.every((r) => r.text.length > 10)).toBe(true);
  const why = await taste.explain(list[0]?.item as string);
  const sum = why.contributions.reduce((s, c) => s + c.contribution, why.baseline + why.nudge);
  expect(Math.abs(sum - why.raw)).toBeLessThan(1e-6);
});

test("versions are listed, compared, rolled back and removed", async () => {
  const taste = await fresh();
  const first = (await taste.models.list())[0];
  await taste.train({ model: "popularity", seed: 1, label: "plain" }).done;
  const [a, b] = await taste.models.list();
  expect([a?.active, b?.active, b?.label]).toEqual([false, true, "plain"]);
  const compared = await taste.models.compare([a?.id as string, b?.id as string]);
  expect(compared.rows[0]).toMatchObject({ metric: "rmse", best: 0 });
  expect((await taste.models.rollback()).id).toBe(first?.id);
  await taste.models.remove(b?.id as string);
  await expect(taste.models.activate(b?.id as string)).rejects.toMatchObject({ code: "unknown-version" });
  await expect(taste.models.rollback()).rejects.toMatchObject({ code: "unknown-version" });
});

test("an abort leaves everything as it was", async () => {
  const taste = await fresh();
  const before = [await taste.models.list(), await taste.stateHash()];
  const run = taste.train({ model: "matrix-factorization", params: { epochs: 1000 }, patience: 0 });
  for await (const _ of run) break;
  run.abort();
  await expect(run.done).rejects.toMatchObject({ name: "AbortError", code: "aborted" });
  expect([await taste.models.list(), await taste.stateHash()]).toEqual(before);
  await taste.train({ model: "popularity" }).done;
});

test("too little data is an answer, a second training is busy", async () => {
  const taste = await fresh(false);
  expect(await taste.train({ model: "popularity" }).done).toMatchObject({
    trained: false,
    reason: "not-enough-ratings",
  });
  await taste.addInteractions(camps());
  const run = taste.train({ model: "matrix-factorization", params: { epochs: 500 } });
  expect(() => taste.train({ model: "popularity" })).toThrow(TasteprintError);
  run.abort();
  await run.done.catch(() => {});
});

test("bad input is refused by name and nothing has changed", async () => {
  const taste = await fresh();
  await taste.rate("f3", 4);
  const before = [await taste.stateHash(), (await taste.feedback()).length];
  const refusals: [() => unknown, string, string?][] = [
    [() => taste.rate("f1", 7), "rating-off-scale", "rating"],
    [() => taste.rate("f1", Number.NaN), "rating-off-scale", "rating"],
    [() => taste.rate("f1", "4" as never), "invalid-argument", "rating"],
    [() => taste.rate("", 4), "invalid-argument", "item"],
    [() => taste.rate("f1", 4, { complete: 1 } as never), "unknown-option", "rate.complete"],
    [() => taste.rate("f1", 4, { completion: 2 }), "invalid-argument", "completion"],
    [() => taste.rate("f1", 4, { at: Date.now() + 1e9 }), "invalid-argument", "at"],
    [() => taste.recommend({ k: 0 }), "invalid-argument", "k"],
    [() => taste.recommend({ limit: 5 } as never), "unknown-option", "recommend.limit"],
    [() => taste.recommend({ items: ["nowhere"] }), "unknown-item", "items[0]"],
    [() => taste.recommend({ context: { mood: "funny" }, onUnsupported: "raise" }), "unsupported", "context.mood"],
    [() => taste.explain("nowhere"), "unknown-item", "item"],
    [() => taste.train({ model: "svd" as never }).done, "invalid-argument", "model"],
    [
      () => taste.train({ model: "popularity", params: { factors: 2 } as never }).done,
      "unknown-option",
      "params.factors",
    ],
    [() => taste.train({ model: "popularity", seed: 1.5 }).done, "invalid-argument", "seed"],
    [() => taste.importAll(new Uint8Array([1, 2, 3])), "file-format"],
    [
      () =>
        taste.setCatalog([
          { id: "a", title: "A" },
          { id: "a", title: "B" },
        ]),
      "invalid-argument",
      "catalog[1]",
    ],
    [() => taste.addInteractions({ ...camps(), users: new Uint32Array(3) }), "invalid-argument", "users"],
    [() => Tasteprint.open({ pack: new Uint8Array(100), worker: false, persistence: "memory" }), "model-format"],
    [() => Tasteprint.open({ persistance: "memory" } as never), "unknown-option", "open.persistance"],
  ];
  for (const [call, code, place] of refusals) {
    const error = await Promise.resolve()
      .then(call)
      .then(
        () => undefined,
        (e) => e,
      );
    expect(error, code).toBeInstanceOf(TasteprintError);
    expect([error.code, error.details.place]).toEqual([code, place ?? error.details.place]);
  }
  expect([await taste.stateHash(), (await taste.feedback()).length]).toEqual(before);
});

test("forgetting is exact, and everything means everything", async () => {
  const taste = await fresh();
  await taste.rate("f0", 5);
  const never = await taste.stateHash();
  await taste.rate("f9", 1);
  await taste.record({ item: "f9", type: "watch" });
  expect(await taste.stateHash()).not.toBe(never);
  expect((await taste.forget({ item: "f9" })).removed).toBe(2);
  expect(await taste.stateHash()).toBe(never);
  await taste.forget("everything");
  expect([await taste.feedback(), await taste.models.list(), await taste.data()]).toEqual([[], [], null]);
  expect((await taste.items({ limit: 1 })).total).toBe(30);
});

test("an export opens elsewhere as it was", async () => {
  const taste = await fresh();
  for (const f of ["f0", "f2"]) await taste.rate(f, 5);
  const list = await taste.recommend({ k: 5 });
  const file = await taste.exportAll();
  const other = await fresh(false);
  await other.importAll(file);
  await other.importAll(file);
  expect((await other.feedback()).length).toBe(2);
  expect(await other.recommend({ k: 5 })).toEqual(list);
  expect((await other.data())?.ratings).toBe((await taste.data())?.ratings);
  const pack = await taste.exportPack();
  expect(new TextDecoder("latin1").decode(pack)).not.toContain("u79");
  const third = await Tasteprint.open({ pack, worker: false, persistence: "memory" });
  open.push(third);
  expect((await third.models.list())[0]).toMatchObject({ source: "pack", active: true });
  expect((await third.recommend({ k: 3 })).length).toBe(3);
});

test("files are imported with progress, and merged or replaced", async () => {
  const taste = await fresh(false);
  const rows = Array.from({ length: 400 }, (_, i) => `${i % 40},${i % 37},${1 + (i % 9) / 2},${964982703 + i}`);
  const ratings = new TextEncoder().encode(`userId,movieId,rating,timestamp\n${rows.join("\n")}\n`);
  const movies = new TextEncoder().encode('movieId,title,genres\n1,"Hours, The (2002)",Drama\n');
  const run = taste.importRatings([
    { name: "ratings.csv", bytes: ratings },
    { name: "movies.csv", bytes: movies },
  ]);
  const phases = new Set<string>();
  for await (const p of run) phases.add(p.phase);
  expect([...phases]).toEqual(["parsing", "indexing", "saving"]);
  const report = await run.done;
  expect(report).toMatchObject({ users: 40, items: 37, scale: { min: 0.5, max: 5, step: 0.5 } });
  expect(await taste.item("1")).toMatchObject({ title: "The Hours", year: 2002 });
  const html = new TextEncoder().encode("<!DOCTYPE html><html><body>503</body></html>");
  await expect(taste.importRatings([{ name: "ratings.csv", bytes: html }]).done).rejects.toMatchObject({
    code: "file-format",
  });
  expect((await taste.data())?.ratings).toBe(report.ratings);
});

test("search finds words of titles, people and genres; extra fields are kept", async () => {
  const taste = await fresh(false);
  const found = await taste.items({ query: "film 1", limit: 3 });
  expect(found.items.map((i) => i.id)).toEqual(["f1", "f10", "f11"]);
  expect(found.items[0]?.poster).toBe("1.png");
  expect((await taste.items({ query: "drama 1991" })).total).toBe(1);
});

test("evaluation has popularity beside, with a test set of one's own", async () => {
  const taste = await fresh(false);
  const all = camps();
  const rows = (test: boolean) => {
    const chosen = <A extends Uint32Array | Float32Array>(column: A) =>
      column.filter((_, r) => (r % 10 === 0) === test) as A;
    return { ...all, users: chosen(all.users), items: chosen(all.items), ratings: chosen(all.ratings) };
  };
  await taste.addInteractions(rows(false));
  const seen: number[] = [];
  const report = await taste.evaluate({
    models: [{ model: "matrix-factorization", params: { factors: 4, regularization: 0.02 } }],
    test: rows(true),
    seed: 1,
    onProgress: (f) => seen.push(f),
  });
  expect(report.labels).toEqual(["popularity", "matrix-factorization", "item-knn"]);
  expect(report.rows[1]?.metrics.rmse).toBeLessThan(0.5 * (report.rows[0]?.metrics.rmse as number));
  expect(seen.at(-1)).toBe(1);
});

test("after close every call says so", async () => {
  const taste = await fresh(false);
  await taste.close();
  await expect(taste.recommend()).rejects.toMatchObject({ code: "closed" });
  expect(await taste.status()).toMatchObject({ open: false, persistence: "none" });
  await taste.close();
});

test("the blocks of the README run", async () => {
  const blocks = [...readFileSync("README.md", "utf8").matchAll(/```js\n([\s\S]*?)```/g)].map((m) => m[1] as string);
  expect(blocks.length).toBe(2);
  const rows = Array.from({ length: 600 }, (_, i) => `${i % 40},f${i % 30},${(i % 40) & 1 ? 4.5 : 2}`);
  const bytes = new TextEncoder().encode(`userId,movieId,rating\n${rows.join("\n")}\n`);
  let pack: Uint8Array | undefined;
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response(pack as BodyInit));
  const said: unknown[][] = [];
  const log = { log: (...words: unknown[]) => said.push(words) };
  const names: string[] = ["heat-1995", "casablanca-1942"];
  const catalog = [...films, ...names.map((id) => ({ id, title: id }))];
  const execute = async (code: string, last: string) => {
    const body = code
      .replace(/^import .*$/m, "")
      .replace('persistence: "memory"', 'persistence: "memory", worker: false');
    const browser = body.replace('name: "cinema",', 'name: "cinema", persistence: "memory", worker: false,');
    const f = new Function(
      "Tasteprint",
      "films",
      "bytes",
      "console",
      `return (async () => { ${browser}; return { taste, ${last} }; })()`,
    );
    const result = await f(Tasteprint, catalog, bytes, log);
    open.push(result.taste);
    return result;
  };
  pack = (await execute(blocks[1] as string, "pack")).pack;
  expect(said.length).toBeGreaterThan(2);
  said.length = 0;
  await execute(blocks[0] as string, "films");
  expect(said.length).toBe(10);
});

test("what is to be forgotten cannot come back through a training under way", async () => {
  const taste = await fresh(false);
  for (let i = 0; i < 8; i++) {
    await taste.rate(`f${i}`, 4, { profile: "u1" });
    await taste.rate(`f${i}`, 2, { profile: "u2" });
  }
  const run = taste.train({ model: "matrix-factorization", params: { epochs: 1000 }, patience: 0 });
  for await (const _ of run) break;
  await expect(taste.forget({ profile: "u1" })).rejects.toMatchObject({ code: "busy", retryable: true });
  run.abort();
  await run.done.catch(() => {});
  const trained = await taste.train({ model: "popularity" }).done;
  const forgotten = await taste.forget({ profile: "u1" });
  expect(forgotten).toEqual({ removed: 8, versions: [trained.trained && trained.id] });
  expect(await taste.models.list()).toEqual([]);
});

test("versions removed at the same time are all gone", async () => {
  const taste = await fresh(false);
  await taste.addInteractions(camps());
  for (let i = 0; i < 3; i++) await taste.train({ model: "popularity" }).done;
  const ids = (await taste.models.list()).map((v) => v.id);
  await Promise.all(ids.map((id) => taste.models.remove(id)));
  expect(await taste.models.list()).toEqual([]);
});

test("an export on another scale, with a pack serving, opens where there is neither", async () => {
  const source = await fresh();
  const pack = await source.exportPack();
  const scale = { min: 1, max: 10, step: 1 };
  const taste = await Tasteprint.open({ persistence: "memory", worker: false, pack, scale });
  open.push(taste);
  await taste.rate("f1", 9);
  const file = await taste.exportAll();
  const other = await Tasteprint.open({ persistence: "memory", worker: false, scale });
  open.push(other);
  await other.importAll(file);
  expect((await other.models.list())[0]).toMatchObject({ source: "imported", active: true });
  expect((await other.items({ limit: 1 })).total).toBe(30);
  expect(await other.ratings()).toMatchObject([{ item: "f1", rating: 9 }]);
});

test("without a catalog of the site's, search knows what the model knows", async () => {
  const taste = await Tasteprint.open({ persistence: "memory", worker: false });
  open.push(taste);
  await taste.addInteractions(camps());
  await taste.train({ model: "popularity" }).done;
  expect((await taste.items({ query: "f2" })).items[0]?.id).toBe("f2");
});

test("circles are refused by name", async () => {
  const film: Record<string, unknown> = { id: "a", title: "a" };
  film.parent = film;
  const error = await Tasteprint.open({ catalog: [film as never], worker: false }).catch((e) => e);
  expect([error.code, error.details.expected]).toEqual(["invalid-argument", "data a few levels deep"]);
});
