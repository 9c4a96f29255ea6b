/** What serves a person needs nothing of what learns: every kind of model is served where workshop.js is missing. */
import "fake-indexeddb/auto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Tasteprint } from "../../pkg/index.js";

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
    userIds: Array.from({ length: 40 }, (_, u) => `u${u}`),
    itemIds: films.slice(0, 24).map((f) => f.id),
    users: Uint32Array.from(cells, ([u]) => u),
    items: Uint32Array.from(cells, ([, i]) => i),
    ratings: Float32Array.from(cells, ([u, i]) => (u % 2 === i % 2 ? 4.5 : 1.5)),
    scale: { min: 0.5, max: 5, step: 0.5 },
  };
}

mkdirSync("target/tmp", { recursive: true });
const folder = mkdtempSync(resolve("target/tmp/without-workshop-"));
const place = (name: string) => copyFileSync(resolve("pkg", name), join(folder, name));
let pack: Uint8Array;
let taste: Tasteprint;

beforeAll(async () => {
  const maker = await Tasteprint.open({ persistence: "memory", worker: false, catalog: films });
  await maker.addInteractions(camps());
  const versions: string[] = [];
  for (const { name } of await maker.models.kinds()) {
    const made = await maker.train({ model: name, seed: 1, validation: { split: "none" } }).done;
    if (made.trained) versions.push(made.id);
  }
  expect(versions).toHaveLength(10);
  pack = await maker.exportPack({ versions });
  await maker.close();

  for (const name of ["index.js", "worker.js"]) place(name);
  const alone = (await import(pathToFileURL(join(folder, "index.js")).href)) as { Tasteprint: typeof Tasteprint };
  taste = await alone.Tasteprint.open({ persistence: "memory", worker: false, catalog: films, pack });
});

afterAll(async () => {
  await taste?.close();
  rmSync(folder, { recursive: true });
});

describe("without workshop.js", () => {
  test("each kind of model is served, learns from its person, and explains", async () => {
    for (const [at, version] of (await taste.models.list()).entries()) {
      await taste.models.activate(version.id);
      await taste.rate(`f${2 * at}`, 5, { profile: version.model });
      await taste.rate("f1", 1, { profile: version.model });
      const list = await taste.recommend({ k: 26, profile: version.model, explain: true });
      expect(list.length, version.model).toBeGreaterThan(20);
      expect((await taste.predict("f6", { profile: version.model })).value).toBeGreaterThan(0);
      expect((await taste.explain("f6", { profile: version.model })).reasons.length).toBeGreaterThan(0);
      // Models of features know the whole catalog; to the others what nobody rated is known by its description at most.
      const everything = ["random-forest", "logistic-regression"].includes(version.model);
      const tier = everything ? /personal/ : /content|catalog/;
      expect((await taste.explain("f25", { profile: version.model })).tier).toMatch(tier);
      // Some kinds have neither; none of them is missing anything.
      for (const asked of [taste.similar("f6"), taste.models.embedding({ item: "f6" })])
        await asked.catch(({ code }) => expect(["unsupported", "no-model"]).toContain(code));
    }
    await taste.models.rollback();
  });

  test("so is what is asked of versions and feedback", async () => {
    expect(await taste.stateHash()).toMatch(/^[0-9a-f]+$/);
    expect((await taste.status()).catalog).toBe(26);
    expect((await taste.items({ query: "film 25" })).total).toBe(1);
    expect((await taste.feedback()).length).toBeGreaterThan(0);
    await taste.models.add(pack, { activate: false });
    await taste.models.remove((await taste.models.list())[9]?.id as string);
    expect(await taste.models.list()).toHaveLength(9);
    await taste.setCatalog(films.slice(0, 25));
    expect((await taste.forget("everything")).removed).toBeGreaterThan(0);
  });

  test("learning says what is missing, and works as soon as it is there", async () => {
    for (const asked of [taste.data(), taste.models.kinds()])
      await expect(asked).rejects.toMatchObject({ code: "worker-load", details: { place: "workshop.js" } });
    const failed = await taste.addInteractions(camps()).catch((error) => error);
    expect(failed).toMatchObject({ code: "worker-load", details: { place: "workshop.js" } });
    const numbers = { columns: 1, rows: new Float32Array(9), target: new Float32Array(9) };
    const fitted = taste.fitTable({ model: "random-forest", ...numbers });
    await expect(fitted).rejects.toMatchObject({ code: "worker-load" });
    expect((await taste.recommend()).length).toBeGreaterThan(0);
    place("workshop.js");
    expect((await taste.addInteractions(camps())).ratings).toBe(768);
    expect(await taste.train({ model: "ease" }).done).toMatchObject({ trained: true });
  });

  test("nor does an address that nothing can lie beside keep anybody from opening", async () => {
    const source = readFileSync(resolve("pkg/worker.js")).toString("base64");
    const { Host } = await import(/* @vite-ignore */ `data:text/javascript;base64,${source}`);
    const host = new Host(() => {});
    const task = { signal: new AbortController().signal, progress: () => {} };
    const open = { name: "opaque", persistence: "memory", storageTimeout: 1000, locale: "en", catalog: films };
    expect(await host.handle("open", open, task)).toEqual({ persistence: "memory" });
    const train = host.handle("train", { begin: { ask: { model: "ease" }, activate: true }, resume: false }, task);
    await expect(train).rejects.toMatchObject({ code: "worker-load" });
    await host.handle("close", null, task);
  });
});
