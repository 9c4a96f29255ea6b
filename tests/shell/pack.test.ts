/** Packs through the public object: several models in one file, what they say of themselves, and how many fit. */
import "fake-indexeddb/auto";
import { createHash } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { Tasteprint } from "../../pkg/index.js";
import { openStore } from "../../src/shell/store-open.ts";

const films = Array.from({ length: 26 }, (_, i) => ({
  id: `f${i}`,
  title: `Film ${i}`,
  genres: [i % 2 ? "Drama" : "Comedy"],
}));

/** Forty people who love the even films or the odd ones, of the first 24. */
function camps() {
  const cells = Array.from({ length: 40 * 24 }, (_, at) => [Math.floor(at / 24), at % 24] as const).filter(
    ([u, i]) => (u + i) % 5 > 0,
  );
  return {
    userIds: Array.from({ length: 40 }, (_, u) => `person-${u}`),
    itemIds: films.slice(0, 24).map((f) => f.id),
    users: Uint32Array.from(cells, ([u]) => u),
    items: Uint32Array.from(cells, ([, i]) => i),
    ratings: Float32Array.from(cells, ([u, i]) => (u % 2 === i % 2 ? 4.5 : 1.5)),
    scale: { min: 0.5, max: 5, step: 0.5 },
    label: "two camps",
  };
}

const opened: Tasteprint[] = [];
async function open(options: Parameters<typeof Tasteprint.open>[0] = {}): Promise<Tasteprint> {
  const taste = await Tasteprint.open({ persistence: "memory", worker: false, ...options });
  opened.push(taste);
  return taste;
}
afterEach(async () => {
  for (const taste of opened.splice(0)) await taste.close();
});

const params = { factors: 8, epochs: 30, regularization: 0.02 };

/** An engine with two trained models; gives their ids. */
async function trained(): Promise<[Tasteprint, string, string]> {
  const taste = await open({ catalog: films });
  await taste.addInteractions(camps());
  const one = await taste.train({ model: "matrix-factorization", params, seed: 3, label: "factors" }).done;
  const two = await taste.train({ model: "popularity", seed: 1, activate: false, label: "means" }).done;
  if (!one.trained || !two.trained) throw new Error("there is enough to train on");
  return [taste, one.id, two.id];
}

test("several models travel in one file and say where they come from", async () => {
  const [taste, factors, means] = await trained();
  const ask = { versions: [means, factors], licence: "Ask first." };
  const pack = await taste.exportPack(ask);
  expect(Buffer.from(await taste.exportPack(ask)).equals(Buffer.from(pack))).toBe(true);
  expect(Buffer.from(pack).toString("latin1")).not.toContain("person-");

  const page = await open({ pack, catalog: films, name: "page" });
  const listed = await page.models.list();
  expect(listed.map(({ label, model, active, source }) => [label, model, active, source])).toEqual([
    ["means", "popularity", true, "pack"],
    ["factors", "matrix-factorization", false, "pack"],
  ]);
  const here = (await taste.models.list()).find((v) => v.id === factors);
  const { origin, data, seed, params: used, metrics, history } = listed[1] ?? {};
  expect(origin).toEqual({
    pack: createHash("sha256").update(pack).digest("hex"),
    label: "two camps",
    licence: "Ask first.",
    catalog: expect.stringMatching(/^[0-9a-f]{64}$/),
    createdBy: expect.stringMatching(/^tasteprint \d/),
    precision: "f32",
  });
  expect([data, seed, used]).toEqual([here?.data, 3, here?.params]);
  expect(metrics?.rmse).toBeCloseTo(here?.metrics?.rmse as number, 9);
  expect(history?.length).toBe(here?.history.length);
  await page.models.activate(listed[1]?.id as string);
  for (const film of ["f0", "f2", "f4"]) await page.rate(film, 5);
  expect((await page.recommend({ k: 3 })).every((r) => r.tier === "personal")).toBe(true);
});

test("what is chosen of a pack is chosen at the next opening, too", async () => {
  const [taste, factors, means] = await trained();
  const pack = await taste.exportPack({ versions: [factors, means] });
  const first = await open({ pack, name: "chosen", persistence: "indexeddb" });
  const second = (await first.models.list())[1]?.id as string;
  await first.models.activate(second);
  await first.forget({ profile: "nobody" });
  await first.close();
  const again = await open({ pack, name: "chosen", persistence: "indexeddb" });
  expect((await again.models.list()).map((v) => v.active)).toEqual([false, true]);
  await again.forget("everything");
  expect((await again.models.list()).map((v) => v.active)).toEqual([true, false]);
  const file = await again.exportAll();
  const other = await open({ name: "other" });
  await other.importAll(file);
  expect((await other.models.list()).map(({ source, origin }) => [source, origin?.label])).toEqual([
    ["imported", "two camps"],
    ["imported", "two camps"],
  ]);
});

test("a pack can be added later, and then stays", async () => {
  const [taste, factors, means] = await trained();
  const pack = await taste.exportPack({ versions: [factors, means] });
  const page = await open({ name: "later", persistence: "indexeddb", catalog: films });
  const changes: unknown[] = [];
  page.addEventListener("changed", ({ detail }) => changes.push(detail.what));
  const added = await page.models.add(pack);
  expect(added.map(({ source, active, label }) => [source, active, label])).toEqual([
    ["imported", true, "factors"],
    ["imported", false, "means"],
  ]);
  expect(changes).toEqual(["model"]);
  await page.models.add(pack, { activate: false });
  await expect(page.models.add(new Uint8Array(100))).rejects.toMatchObject({ code: "model-format" });
  await page.close();
  const again = await open({ name: "later", persistence: "indexeddb", catalog: films, pack });
  expect((await again.models.list()).map(({ source, active }) => [source, active])).toEqual([
    ["imported", true],
    ["imported", false],
  ]);
  expect((await again.recommend({ k: 1 }))[0]?.source).toBe(added[0]?.id);
});

test("halves weigh less and score nearly the same", async () => {
  const [taste] = await trained();
  const scores = async (pack: Uint8Array) => {
    const page = await open({ pack });
    await page.rate("f0", 5);
    const list = await page.recommend({ k: 23 });
    return new Map(list.map(({ item, score }) => [item, score]));
  };
  const [full, half] = [await taste.exportPack(), await taste.exportPack({ precision: "f16" })];
  expect(half.length).toBeLessThan(full.length);
  const [a, b] = [await scores(full), await scores(half)];
  for (const [item, score] of a) expect(Math.abs(score - (b.get(item) as number))).toBeLessThan(0.01);
});

test("what cannot go into a pack is refused by name", async () => {
  const [taste, factors] = await trained();
  const refusals: [object, string, string | undefined][] = [
    [{ versions: ["nowhere"] }, "unknown-version", "id"],
    [{ versions: [factors, factors] }, "invalid-argument", "versions[1]"],
    [{ precision: "f8" }, "invalid-argument", "exportPack.precision"],
    [{ name: "x" }, "unknown-option", "exportPack.name"],
  ];
  for (const [ask, code, place] of refusals) {
    const error = await Promise.resolve()
      .then(() => taste.exportPack(ask))
      .then(
        () => undefined,
        (e) => e,
      );
    expect([error?.code, error?.details.place]).toEqual([code, place]);
  }
  const own = await open();
  for (let i = 0; i < 8; i++)
    for (const profile of ["a", "b"]) await own.rate(`f${i}`, profile === "a" ? 4 : 2, { profile });
  await own.train({ model: "popularity" }).done;
  await expect(own.exportPack()).rejects.toMatchObject({ code: "unsupported" });
});

test("a newcomer of the catalog is judged by its description, and says so in two languages", async () => {
  const [taste] = await trained();
  const pack = await taste.exportPack();
  const sentences: Record<string, RegExp> = {
    en: /^No ratings have .*; Comedy speaks for it\.$/,
    de: /; Comedy spricht/,
  };
  for (const [locale, sentence] of Object.entries(sentences)) {
    const page = await open({ pack, catalog: films, locale });
    for (const film of ["f0", "f2", "f4"]) await page.rate(film, 5);
    await page.rate("f1", 1);
    const list = await page.recommend({ k: 30, explain: true });
    const [comedy, drama] = ["f24", "f25"].map((id) => list.find(({ item }) => item === id));
    expect([comedy?.tier, drama?.tier]).toEqual(["content", "content"]);
    expect(comedy?.score).toBeGreaterThan((drama?.score as number) + 1);
    expect(comedy?.reasons?.[0]).toMatchObject({ code: "from-content", evidence: { genres: ["Comedy"] } });
    expect(comedy?.reasons?.[0]?.text).toMatch(sentence);
    const why = await page.explain("f24");
    const sum = why.contributions.reduce((s, c) => s + c.contribution, why.baseline + why.nudge);
    expect(Math.abs(sum - why.raw)).toBeLessThan(1e-6);
    expect(await page.predict("f24")).toMatchObject({ tier: "content", value: why.score });
    expect((await page.similar("f24", { k: 3 })).every(({ item }) => Number(item.slice(1)) % 2 === 0)).toBe(true);
  }
});

test("a hundred versions and a pack open, and training says that there is no room before it works", async () => {
  const [taste] = await trained();
  const pack = await taste.exportPack();
  const [version] = await taste.models.list();
  const versions = Array.from({ length: 100 }, (_, i) => ({ ...version, id: `kept-${i}`, source: "trained" }));
  const store = await openStore({
    name: "full",
    persistence: "indexeddb",
    timeout: 3000,
    hash: (bytes) => createHash("sha256").update(bytes).digest("hex"),
    notice: () => {},
  });
  await store.setMeta({ registry: { versions, past: [] } });
  await store.close();
  const full = await open({ name: "full", persistence: "indexeddb", pack });
  expect((await full.models.list()).length).toBe(101);
  await full.addInteractions(camps());
  const run = full.train({ model: "popularity" });
  const phases: string[] = [];
  await expect(
    (async () => {
      for await (const { phase } of run) phases.push(phase);
    })(),
  ).rejects.toMatchObject({ code: "invalid-argument", details: { place: "models" } });
  expect(phases).toEqual([]);
  await full.models.remove("kept-7");
  expect(await full.train({ model: "popularity" }).done).toMatchObject({ trained: true });
});
