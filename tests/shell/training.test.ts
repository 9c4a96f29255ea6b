/** Trainings that are cut off and gone on with, several at once, searches, and what can be asked. */
import "fake-indexeddb/auto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type * as Package from "../../src/shell/index.ts";

/** The package with a way to crash its engine. */
const { Tasteprint } = (await import(
  resolve(process.env.CARGO_TARGET_DIR || "target", "pkg-faults/index.js")
)) as typeof Package;
type Taste = Package.Tasteprint;

const open: Taste[] = [];
afterEach(async () => {
  for (const taste of open.splice(0)) await taste.close();
});

let name = "";
beforeEach(() => {
  name = `training-${Math.random()}`;
});

async function opened(persistence: "indexeddb" | "memory" = "indexeddb"): Promise<Taste> {
  const taste = await Tasteprint.open({ name, worker: false, persistence });
  open.push(taste);
  return taste;
}

/** Sixty people, thirty films, two camps; or of both only the first. */
function camps(liked = 4.5, people = 60, films = 30) {
  const cells = Array.from({ length: 1800 }, (_, n) => [n % 60, Math.floor(n / 60)] as const).filter(
    ([u, i]) => (u * 7 + i * 3) % 5 && u < people && i < films,
  );
  return {
    userIds: Array.from({ length: 60 }, (_, u) => `u${u}`),
    itemIds: Array.from({ length: 30 }, (_, i) => `f${i}`),
    users: Uint32Array.from(cells, (c) => c[0]),
    items: Uint32Array.from(cells, (c) => c[1]),
    ratings: Float32Array.from(cells, ([u, i]) => (u % 2 === i % 2 ? liked : 1.5)),
    at: Float64Array.from(cells, (_, n) => 1e12 + n),
    scale: { min: 0.5, max: 5, step: 0.5 },
  };
}

const asked = {
  model: "matrix-factorization",
  params: { factors: 8, epochs: 300 },
  validation: { split: "random", fraction: 0.2 },
  patience: 0,
  seed: 5,
} as const;

/** Everything seems to take a thousand times as long, checkpoints come a thousand times as often. */
function hurry(): void {
  const now = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => now() * 1000);
}

/** Trains until there is a checkpoint, and ends the engine. */
async function cutOff(taste: Taste, options: Package.TrainOptions = asked): Promise<Package.Checkpoint> {
  hurry();
  const run = taste.train(options);
  let checkpoint: Package.Checkpoint | null = null;
  while (!checkpoint) {
    ({ checkpoint } = await taste.status());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  // The operation is not part of the public API: it exists in this build only.
  const { link } = taste as unknown as { link: { call(op: string, args: string): Promise<unknown> } };
  vi.spyOn(console, "error").mockImplementation(() => {});
  await link.call("crash", "the roof fell in").catch(() => {});
  await expect(run.done).rejects.toMatchObject({ code: "engine-crashed", retryable: true });
  vi.restoreAllMocks();
  return (await taste.status()).checkpoint as Package.Checkpoint;
}

const trained = (result: Package.TrainResult) => {
  if (!result.trained) throw new Error(result.message);
  return result;
};

/** What an undisturbed training comes to. */
async function undisturbed() {
  const taste = await opened("memory");
  await taste.addInteractions(camps());
  return trained(await taste.train(asked).done);
}

test("a training whose engine died goes on to the same model", async () => {
  const whole = await undisturbed();
  const taste = await opened();
  await taste.addInteractions(camps());
  const { at, epoch, ...checkpoint } = await cutOff(taste);
  expect(checkpoint).toMatchObject({ model: asked.model, seed: 5, epochs: 300, params: { factors: 8, epochs: 300 } });
  expect(epoch).toBeGreaterThan(0);
  expect(Math.abs(at - Date.now())).toBeLessThan(60_000);
  expect(await taste.models.list()).toEqual([]);
  const run = taste.resume();
  const epochs: number[] = [];
  for await (const p of run) epochs.push(p.epoch);
  expect(epochs[0]).toBeGreaterThanOrEqual(epoch);
  const result = trained(await run.done);
  expect([result.hash, result.history, result.metrics]).toEqual([whole.hash, whole.history, whole.metrics]);
  expect(result.active).toBe(true);
  expect((await taste.status()).checkpoint).toBe(null);
  await expect(taste.resume().done).rejects.toMatchObject({ code: "no-checkpoint" });
});

test("after a reload the same options go on, others are refused", async () => {
  const whole = await undisturbed();
  const before = await opened();
  await before.addInteractions(camps());
  const { epoch } = await cutOff(before);
  await before.close();
  const taste = await opened();
  expect((await taste.status()).checkpoint).toMatchObject({ epoch });
  for (const [change, place] of [
    [{ params: { factors: 9, epochs: 300 } }, "params"],
    [{ model: "popularity", params: {} }, "model"],
    [{ seed: 6 }, "seed"],
    [{ patience: 3 }, "patience"],
    [{ validation: { split: "none" } }, "validation"],
  ] as const) {
    const refused = taste.train({ ...asked, ...change, resume: true }).done;
    await expect(refused).rejects.toMatchObject({ code: "invalid-argument", details: { place } });
  }
  expect((await taste.status()).checkpoint).toMatchObject({ epoch });
  const { seed: _, ...unseeded } = asked;
  const result = trained(await taste.train({ ...unseeded, resume: true, label: "second life" }).done);
  expect([result.hash, result.label]).toEqual([whole.hash, "second life"]);
  // Without a checkpoint it begins.
  expect(trained(await taste.train({ ...asked, resume: true }).done).hash).toBe(whole.hash);
});

/** A version of fewer people and films than there are by now. */
async function grown(taste: Taste) {
  await taste.addInteractions(camps(4.5, 50, 24));
  const first = trained(await taste.train(asked).done);
  await taste.addInteractions(camps(), { mode: "replace" });
  return first;
}

test("a training goes on from a version, as it was trained unless something else is asked", async () => {
  const taste = await opened();
  const first = await grown(taste);
  const next = { from: first.id, params: { epochs: 100 }, validation: asked.validation, patience: 0, seed: 6 } as const;
  const second = trained(await taste.train(next).done);
  expect(second).toMatchObject({ model: first.model, from: first.id, seed: 6, active: true, data: { users: 60 } });
  expect(second.params).toEqual({ ...first.params, epochs: 100 });
  // It knows from the first epoch what beginning anew takes many to learn.
  const anew = trained(await taste.train({ ...asked, seed: 6 }).done);
  expect(second.history[0]?.validation).toBeLessThan((anew.history[0]?.validation as number) - 0.1);
  expect("from" in anew).toBe(false);
  const again = trained(await taste.train({ ...next, model: first.model }).done);
  expect([again.hash, again.metrics]).toEqual([second.hash, second.metrics]);
  expect(trained(await taste.train({ from: first.id, seed: 6 }).done).params).toEqual(first.params);
  const { active: _, trained: __, ...listed } = first;
  expect((await taste.models.list()).find((v) => v.id === first.id)).toMatchObject(listed);
  await taste.models.activate(first.id);
  const pack = await taste.exportPack();
  await taste.close();
  // Packs hold no people: what they know of films is gone on from.
  name = `training-${Math.random()}`;
  const site = await Tasteprint.open({ name, worker: false, persistence: "memory", pack });
  open.push(site);
  await site.addInteractions(camps());
  const [given] = await site.models.list();
  const own = trained(await site.train({ ...next, from: given?.id as string }).done);
  expect(own).toMatchObject({ from: given?.id, params: { factors: 8, epochs: 100 } });
  expect(own.hash).not.toBe(second.hash);
});

test("what cannot be gone on from is refused, and says why", async () => {
  const taste = await opened("memory");
  const first = await grown(taste);
  const closed = trained(await taste.train({ model: "ease", seed: 1 }).done);
  const listed = await taste.models.list();
  for (const [options, code, place] of [
    [{ from: "nowhere" }, "unknown-version", "train.from"],
    [{ from: "nowhere", model: "ease" }, "unknown-version", "train.from"],
    [{ from: first.id, model: "ease" }, "invalid-argument", "train.from"],
    [{ from: closed.id, model: "matrix-factorization" }, "invalid-argument", "train.from"],
    [{ from: first.id, params: { factors: 9 } }, "invalid-argument", "params.factors"],
    [{ from: first.id, params: { factor: 8 } }, "unknown-option", "params.factor"],
    [{ from: first.id, params: 8 }, "invalid-argument", "params"],
    [{ from: closed.id }, "unsupported", "train.from"],
    [{}, "invalid-argument", "train.model"],
  ] as const) {
    const refused = (await taste.train(options as never).done.catch((error) => error)) as Package.TasteprintError;
    expect([refused.code, refused.details.place], JSON.stringify(options)).toEqual([code, place]);
  }
  const shape = await taste.train({ from: first.id, params: { factors: 9 } }).done.catch((error) => error);
  expect(shape.details).toMatchObject({ expected: "8", got: "9", hint: expect.stringContaining("from") });
  expect(await taste.models.list()).toEqual(listed);
});

test("what was learned from feedback does not live on in a community's model", async () => {
  const taste = await opened("memory");
  for (let i = 0; i < 30; i++)
    for (const profile of ["a", "b", "c"]) await taste.rate(`f${i}`, ((i * 7) % 9) / 2 + 0.5, { profile });
  const own = trained(await taste.train({ ...asked, params: { factors: 8, epochs: 5 } }).done);
  const more = trained(await taste.train({ from: own.id }).done);
  expect(more.data.feedback).toBeGreaterThan(0);
  await taste.addInteractions(camps());
  const refused = taste.train({ from: more.id }).done;
  await expect(refused).rejects.toMatchObject({ code: "invalid-argument", details: { place: "train.from" } });
  expect((await taste.forget({ profile: "a" })).versions).toEqual([own.id, more.id]);
});

test("what went on from a version and was cut off goes on, even where the version is gone", async () => {
  const options = (from: string) => ({ ...asked, from, seed: 8 }) as const;
  const quiet = await opened("memory");
  const whole = trained(await quiet.train(options((await grown(quiet)).id)).done);
  const taste = await opened();
  const first = await grown(taste);
  await cutOff(taste, options(first.id));
  await expect(taste.train({ ...asked, seed: 8, resume: true }).done).rejects.toMatchObject({
    code: "invalid-argument",
    details: { place: "train.from" },
  });
  await taste.models.remove(first.id);
  const result = trained(await taste.resume().done);
  expect([result.hash, result.history, result.from]).toEqual([whole.hash, whole.history, first.id]);
  await expect(taste.train({ ...options(first.id), resume: true }).done).rejects.toMatchObject({
    code: "unknown-version",
  });
});

test("so it does where the same is asked for again", async () => {
  const options = (from: string) => ({ ...asked, from, seed: 8 }) as const;
  const quiet = await opened("memory");
  const whole = trained(await quiet.train(options((await grown(quiet)).id)).done);
  const taste = await opened();
  const first = await grown(taste);
  await cutOff(taste, options(first.id));
  await taste.models.remove(first.id);
  const result = trained(await taste.train({ ...options(first.id), resume: true }).done);
  expect([result.hash, result.from]).toEqual([whole.hash, first.id]);
});

test.each([
  [
    "an abort",
    async (taste: Taste) => {
      const run = taste.resume();
      for await (const _ of run) break;
      run.abort();
      await expect(run.done).rejects.toMatchObject({ name: "AbortError" });
    },
  ],
  ["another training", (taste: Taste) => taste.train({ model: "popularity" }).done],
  ["other data", (taste: Taste) => taste.addInteractions(camps(4))],
  ["everything", (taste: Taste) => taste.forget("everything")],
] as const)("a checkpoint goes with %s", async (_, end) => {
  const taste = await opened();
  await taste.addInteractions(camps());
  expect(await cutOff(taste)).not.toBe(null);
  await end(taste);
  expect((await taste.status()).checkpoint).toBe(null);
  await taste.close();
  expect((await (await opened()).status()).checkpoint).toBe(null);
});

test("what was learned from feedback is forgotten with it", async () => {
  const taste = await opened();
  for (let i = 0; i < 30; i++)
    for (const profile of ["a", "b", "c"]) await taste.rate(`f${i}`, ((i * 7) % 9) / 2 + 0.5, { profile });
  await cutOff(taste, { ...asked, params: { factors: 64, epochs: 1000 } });
  await taste.search({ model: "popularity", trials: 2, seed: 1 }).done;
  expect((await taste.models.best()).length).toBe(1);
  // A search leaves a checkpoint where it is.
  expect((await taste.status()).checkpoint).not.toBe(null);
  await taste.forget({ profile: "a" });
  expect((await taste.status()).checkpoint).toBe(null);
  expect(await taste.models.best()).toEqual([]);
});

test("all kinds are trained, the best one serves, and who fails takes nobody along", async () => {
  const taste = await opened("memory");
  await taste.addInteractions(camps());
  const kinds = (await taste.models.kinds()).map((k) => k.name);
  const quick = { "matrix-factorization": { epochs: 20 }, "factorization-machine": { epochs: 10 } } as const;
  const models = kinds.map((model) => (model in quick ? { model, params: quick[model as keyof typeof quick] } : model));
  const wild = { model: "matrix-factorization", params: { learningRate: 1, initScale: 1 }, label: "wild" } as const;
  const run = taste.retrainAll({ models: [wild, ...models], seed: 2, metric: "rmse" });
  const seen = new Set<string>();
  for await (const p of run) seen.add(`${p.index} of ${p.of}: ${p.model}`);
  const results = await run.done;
  expect(results.map((r) => r.model)).toEqual(["matrix-factorization", ...kinds]);
  expect([...seen].at(-1)).toBe(`${kinds.length + 1} of ${kinds.length + 1}: ${kinds.at(-1)}`);
  const [failed, ...others] = results;
  expect(failed).toMatchObject({ trained: false, reason: "failed", error: { code: "invalid-argument" } });
  const versions = others.map((r) => (r.trained ? r : undefined));
  const rmse = versions.map((v) => v?.metrics?.rmse ?? Number.NaN);
  const best = versions[rmse.indexOf(Math.min(...rmse))];
  expect(best?.active).toBe(true);
  expect(versions.filter((v) => v?.active).length).toBe(1);
  expect((await taste.models.list()).filter((v) => v.active).map((v) => v.id)).toEqual([best?.id]);
  // The same people's ratings were held out for all.
  expect(new Set(versions.map((v) => JSON.stringify(v?.baseline))).size).toBe(1);
});

test("retraining can leave what serves, refuses nonsense before it begins, and answers where there is too little", async () => {
  const taste = await opened("memory");
  const few = await taste.retrainAll({ models: ["popularity"] }).done;
  expect(few).toMatchObject([{ model: "popularity", trained: false, reason: "not-enough-ratings" }]);
  await taste.addInteractions(camps());
  const quiet = await taste.retrainAll({ models: ["popularity"], validation: { split: "none" } }).done;
  expect(quiet).toMatchObject([{ trained: true, active: false }]);
  await taste.retrainAll({ models: ["popularity"], activate: false }).done;
  expect((await taste.status()).active).toBe(null);
  const versions = (await taste.models.list()).length;
  const misspelt = taste.retrainAll({ models: ["popularity", { model: "ease", params: { lambda: 1 } as never }] }).done;
  await expect(misspelt).rejects.toMatchObject({ code: "unknown-option", details: { place: "params.lambda" } });
  expect(() => taste.retrainAll({ activate: "best", validation: { split: "none" } })).toThrow("held out");
  expect(() => taste.retrainAll({ activate: "worst" as never })).toThrow("best");
  expect(() => taste.retrainAll({ metric: "f1" as never })).toThrow("ndcg");
  expect(() => taste.retrainAll({ models: [{ model: "popularity", seed: 1 } as never] })).toThrow("does not exist");
  expect((await taste.models.list()).length).toBe(versions);
  const run = taste.retrainAll({
    models: ["popularity", { model: "matrix-factorization", params: { epochs: 1000 } }],
    patience: 0,
  });
  expect(() => taste.train(asked)).toThrow("under way");
  for await (const p of run) if (p.index === 2 && p.epoch > 0) break;
  run.abort();
  await expect(run.done).rejects.toMatchObject({ name: "AbortError" });
  expect((await taste.models.list()).length).toBe(versions + 1);
  expect((await taste.status()).training).toBe(false);
});

test("pages are told what can be asked, and configurations are checked", async () => {
  const { models } = await opened("memory");
  const kinds = await models.kinds();
  const mf = kinds.find((k) => k.name === "matrix-factorization");
  expect(mf?.aim).toBe("ratings");
  expect(mf?.params.find((p) => p.name === "factors")).toEqual({
    name: "factors",
    kind: "whole",
    min: 1,
    max: 512,
    default: 64,
    search: { scale: "log", from: 8, to: 128 },
  });
  expect(mf?.params.find((p) => p.name === "epochs")?.search).toBe(undefined);
  for (const { name, params } of kinds) {
    const checked = await models.check({ model: name });
    expect(checked).toEqual({ model: name, params: Object.fromEntries(params.map((p) => [p.name, p.default])) });
    expect(await models.check(JSON.parse(JSON.stringify(checked)))).toEqual(checked);
  }
  const refused = models.check({ model: "matrix-factorization", params: { factors: 0 } });
  await expect(refused).rejects.toMatchObject({
    code: "invalid-argument",
    details: { place: "params.factors", expected: "a whole number, 1 to 512", got: "0" },
  });
  await expect(models.check({ model: "oracle" as never })).rejects.toMatchObject({ details: { place: "model" } });
});

test("the types name every parameter with its default and its range", async () => {
  const { models } = await opened("memory");
  const source = readFileSync("src/shell/types/models.ts", "utf8");
  const shown = (x: number) => x.toLocaleString("en", { maximumFractionDigits: 9 });
  for (const { name, params } of await models.kinds()) {
    const type = source.match(new RegExp(`^  "?${name}"?: (\\w+)(?: & \\w+)?;`, "m"))?.[1];
    const body = source.match(new RegExp(`interface ${type} \\{([^}]*)\\}`))?.[1] ?? "";
    const fields = [...body.matchAll(/\/\*\*([\s\S]*?)\*\/\s+(\w+)\?: ([^;]+);/g)];
    expect(fields.map((f) => f[2])).toEqual(params.map((p) => p.name));
    for (const [i, param] of params.entries()) {
      const [, doc = "", field, kind] = fields[i] as RegExpMatchArray;
      const says = (text: string) => expect(doc.replace(/\s+\*?\s*/g, " "), `${name} ${field}`).toContain(text);
      if (param.kind === "choice") {
        expect(kind).toBe(param.choices.map((c) => `"${c}"`).join(" | "));
        says(`Default \`"${param.default}"\`.`);
      } else if (param.kind === "flag") says(`Default \`${param.default}\`.`);
      else {
        says(`Default ${shown(param.default)}.`);
        says(param.kind === "above" ? `above ${shown(param.min)}, up to ${shown(param.max)}` : `${shown(param.min)}`);
        says(shown(param.max));
      }
    }
  }
});

test("a search is seeded, remembered for its data, and gives parameters to train with", async () => {
  const taste = await opened();
  await taste.addInteractions(camps());
  await expect(taste.train({ model: "matrix-factorization", params: "best" }).done).rejects.toMatchObject({
    code: "invalid-argument",
    details: { place: "params" },
  });
  const options = { model: "matrix-factorization", params: { epochs: 30 }, trials: 5, seed: 9 } as const;
  const run = taste.search(options);
  const reports = [];
  for await (const p of run) reports.push(p);
  const found = await run.done;
  expect(reports.at(-1)).toMatchObject({ of: 5, fraction: 1, best: found.best });
  expect(found).toMatchObject({ model: options.model, metric: "rmse", seed: 9, stopped: false });
  expect(found.trials.length).toBe(5);
  expect(found.trials[0]?.params).toMatchObject({ factors: 64, learningRate: 0.02, epochs: 30 });
  expect(found.trials[found.best.trial - 1]).toMatchObject({ params: found.best.params, value: found.best.value });
  const again = await taste.search(options).done;
  expect([again.best, again.trials]).toEqual([found.best, found.trials]);
  expect(await taste.models.best()).toMatchObject([{ model: options.model, params: found.best.params, trials: 5 }]);
  await taste.close();
  const next = await opened();
  const result = trained(await next.train({ model: "matrix-factorization", params: "best", seed: 1 }).done);
  expect(result.params).toEqual(found.best.params);
  const measured = await next.evaluate({ models: [{ model: "matrix-factorization", params: "best" }] });
  expect(measured.labels).toContain("matrix-factorization");
  await next.addInteractions(camps(4));
  expect(await next.models.best()).toEqual([]);
});

test("a search ends with its time, or with an abort and nothing to remember", async () => {
  const taste = await opened("memory");
  await taste.addInteractions(camps());
  const short = await taste.search({ model: "matrix-factorization", trials: 200, timeBudgetMs: 1 }).done;
  expect(short.stopped).toBe(true);
  expect(short.trials.filter((t) => t.value !== undefined).length).toBeLessThan(200);
  expect(short.best.value).toBeGreaterThan(0);
  await taste.addInteractions(camps(4));
  const run = taste.search({ model: "matrix-factorization", trials: 200 });
  for await (const _ of run) break;
  run.abort();
  await expect(run.done).rejects.toMatchObject({ name: "AbortError" });
  expect(await taste.models.best()).toEqual([]);
  for (const [change, place] of [
    [{ trials: 0 }, "trials"],
    [{ metric: "f1" }, "metric"],
    [{ protocol: { split: "none" } }, "protocol"],
    [{ params: { factors: 0 } }, "params.factors"],
  ] as const) {
    const refused = taste.search({ model: "matrix-factorization", ...(change as object) }).done;
    await expect(refused).rejects.toMatchObject({ details: { place } });
  }
  expect(() => taste.search({ model: "popularity", timeBudgetMs: 0 })).toThrow("above 0");
  expect(() => taste.search({ model: "popularity", trails: 3 } as never)).toThrow("does not exist");
});
