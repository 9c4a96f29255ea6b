/** Learning curves: what more feedback changes; and how fast this device answers, with nothing changed by asking. */
import "fake-indexeddb/auto";
import { afterEach, expect, test } from "vitest";
import { Tasteprint } from "../../pkg/index.js";

const open: Tasteprint[] = [];
afterEach(async () => {
  for (const taste of open.splice(0)) await taste.close();
});

const films = Array.from({ length: 60 }, (_, i) => ({
  id: `f${i}`,
  title: `Film ${i}`,
  genres: [["Drama", "War", "Comedy"][i % 3] as string],
}));

/** A hundred people, forty films, two camps, a rating of noise here and there. */
function camps() {
  const cells = Array.from({ length: 4000 }, (_, n) => [n % 100, Math.floor(n / 100)] as const).filter(
    ([u, i]) => (u * 7 + i * 3) % 5,
  );
  const rating = (u: number, i: number) => ((u * 31 + i * 17) % 11 === 0 ? 3 : u % 2 === i % 2 ? 4.5 : 1.5);
  return {
    userIds: Array.from({ length: 100 }, (_, u) => `u${u}`),
    itemIds: films.slice(0, 40).map(({ id }) => id),
    users: Uint32Array.from(cells, (c) => c[0]),
    items: Uint32Array.from(cells, (c) => c[1]),
    ratings: Float32Array.from(cells, ([u, i]) => rating(u, i)),
    scale: { min: 0.5, max: 5, step: 0.5 },
  };
}

async function opened(): Promise<Tasteprint> {
  const taste = await Tasteprint.open({ persistence: "memory", worker: false, catalog: films });
  open.push(taste);
  return taste;
}

const asked = { model: "matrix-factorization", params: { factors: 4, epochs: 40 }, seed: 3 } as const;

async function measured(taste: Tasteprint, options: Parameters<Tasteprint["learningCurve"]>[0]) {
  const curve = await taste.learningCurve(options).done;
  if (!curve.measured) throw new Error(curve.message);
  return curve;
}

test("more is learned from more, each step with its interval, and the whole is what an evaluation says", async () => {
  const taste = await opened();
  await taste.addInteractions(camps());
  const run = taste.learningCurve({ ...asked, shares: [1, 0.02, 0.2] });
  const fractions: number[] = [];
  for await (const { fraction } of run) fractions.push(fraction);
  expect(fractions.at(-1)).toBe(1);
  expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
  const curve = await run.done;
  if (!curve.measured) throw new Error(curve.message);
  expect(curve).toMatchObject({ metric: "rmse", higherIsBetter: false, seed: 3, helps: "yes", warnings: [] });
  expect(curve.points.map(({ share, ratings }) => [share, ratings])).toEqual([
    [0.02, 51],
    [0.2, 512],
    [1, 2560],
  ]);
  const [little, some, all] = curve.points;
  expect(little?.value).toBeGreaterThan(1.3 * (all?.value as number));
  for (const { value, low, high } of curve.points) {
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
  }
  expect(curve.steps.map(({ from, to }) => [from, to])).toEqual([
    [0.02, 0.2],
    [0.2, 1],
  ]);
  expect(curve.steps[1]?.real).toBe(true);
  expect(curve.steps[1]?.difference).toBeCloseTo((all?.value as number) - (some?.value as number), 5);
  const { model, params, seed } = asked;
  const plain = await taste.evaluate({ models: [{ model, params }], seed, baselines: false });
  expect(plain.rows[1]).toMatchObject({ share: 1, learnedFrom: 2560, metrics: { rmse: all?.value } });
  expect((await taste.models.list()).length).toBe(0);
  expect(await measured(taste, { ...asked, shares: [0.02, 0.2, 1] })).toEqual(curve);
});

test("a model that has nothing more to learn is not helped", async () => {
  const taste = await opened();
  await taste.addInteractions(camps());
  const curve = await measured(taste, { model: "popularity", shares: [0.5, 0.9, 1], seed: 3, metric: "mae" });
  expect(curve.helps).toBe("no");
  expect(curve.points.length).toBe(3);
});

test("one's own ratings alone make a curve, and too few are an answer", async () => {
  const taste = await opened();
  const none = await taste.learningCurve({ model: "random-forest" }).done;
  expect(none).toEqual({
    measured: false,
    reason: "not-enough-ratings",
    message: "There are 0 ratings; training starts at 10.",
  });
  for (const [i, { id }] of films.slice(0, 12).entries()) await taste.rate(id, i % 3 ? 2 : 4.5);
  const few = await taste.learningCurve({ model: "random-forest", seed: 1 }).done;
  expect(few).toMatchObject({ measured: false, reason: "not-enough-ratings" });
  expect(few.measured || few.message).toContain("10 % is too little");
  expect(await taste.learningCurve({ model: "matrix-factorization" }).done).toMatchObject({ reason: "one-user" });
  for (const [i, { id }] of films.entries()) await taste.rate(id, (i % 3 ? 2 : 4) + (i % 4 ? 0 : 0.5));
  const options = { model: "random-forest", params: { trees: 20 }, shares: [0.1, 0.3, 1], seed: 1 } as const;
  const curve = await measured(taste, { ...options, shares: [...options.shares] });
  // A tenth of 48 ratings is too little.
  expect(curve.points.map(({ share, ratings }) => [share, ratings])).toEqual([
    [0.3, 14],
    [1, 48],
  ]);
  expect(curve.warnings.map(({ code }) => code)).toContain("share-too-small");
  expect(curve.points[1]?.low).toBeLessThan(curve.points[1]?.value as number);
  // Lists of one person have no interval: whether they change by chance cannot be told.
  const lists = await measured(taste, { ...options, shares: [0.3, 1], metric: "ndcg" });
  expect(lists).toMatchObject({ helps: "unclear", higherIsBetter: true });
  expect(lists.steps[0]).toMatchObject({ low: null, high: null, real: false });
});

test("what is asked amiss is refused by name, and an abort leaves nothing", async () => {
  const taste = await opened();
  await taste.addInteractions(camps());
  for (const [change, place] of [
    [{ shares: [1] }, "learningCurve.shares"],
    [{ shares: [0.1, 0] }, "learningCurve.shares[1]"],
    [{ shares: [0.1, 1.1] }, "learningCurve.shares[1]"],
    [{ shares: [0.1, 0.1] }, "learningCurve.shares[1]"],
    [{ shares: 0.5 }, "learningCurve.shares"],
    [{ metric: "f1" }, "learningCurve.metric"],
    [{ metrics: "rmse" }, "learningCurve.metrics"],
    [{ params: { factor: 3 } }, "params.factor"],
    [{ params: "best" }, "params"],
  ] as const) {
    const refused = taste.learningCurve({ ...asked, ...(change as object) }).done;
    await expect(refused, place).rejects.toMatchObject({ name: "TasteprintError", details: { place } });
  }
  const share = taste.evaluate({ models: [{ model: "popularity", share: 2 }] });
  await expect(share).rejects.toMatchObject({ code: "invalid-argument", details: { place: "models[0].share" } });
  const run = taste.learningCurve({ ...asked, params: { factors: 64, epochs: 1000 } });
  for await (const _ of run) break;
  await expect(taste.benchmark()).rejects.toMatchObject({ code: "busy" });
  run.abort();
  await expect(run.done).rejects.toMatchObject({ name: "AbortError" });
  expect((await measured(taste, asked)).points.length).toBe(3);
});

test("a benchmark times real calls and changes nothing", async () => {
  const taste = await opened();
  await expect(taste.benchmark()).rejects.toMatchObject({ code: "no-model" });
  await taste.addInteractions(camps());
  await taste.train({ ...asked }).done;
  for (const { id } of films.slice(0, 5)) await taste.rate(id, 4);
  const [hash, list, events] = [await taste.stateHash(), await taste.recommend(), await taste.feedback()];
  const timed = await taste.benchmark({ k: 20, repeats: 5 });
  expect(timed).toMatchObject({ model: asked.model, items: 60, k: 20, repeats: 5 });
  expect(timed.version).toBe((await taste.status()).active);
  for (const { median, p95 } of [timed.recommend, timed.predict, timed.foldIn]) {
    expect(median).toBeGreaterThan(0);
    expect(p95).toBeGreaterThanOrEqual(median);
  }
  expect(await taste.stateHash()).toBe(hash);
  expect(await taste.recommend()).toEqual(list);
  expect(await taste.feedback()).toEqual(events);
  for (const { id } of films.slice(5)) await taste.rate(id, 3);
  expect((await taste.recommend()).length, "everything is seen").toBe(0);
  expect((await taste.benchmark({ repeats: 5 })).predict.median).toBeGreaterThan(0);
  for (const [options, place] of [
    [{ k: 0 }, "benchmark.k"],
    [{ repeats: 4 }, "benchmark.repeats"],
    [{ times: 5 }, "benchmark.times"],
  ] as const)
    await expect(taste.benchmark(options as object)).rejects.toMatchObject({ details: { place } });
  const stop = new AbortController();
  const long = taste.benchmark({ repeats: 1000, signal: stop.signal });
  stop.abort();
  await expect(long).rejects.toMatchObject({ name: "AbortError" });
});
