/** Reports: intervals, segments, and which differences are real. */
import "fake-indexeddb/auto";
import { afterEach, expect, test } from "vitest";
import { Tasteprint } from "../../pkg/index.js";

const open: Tasteprint[] = [];
afterEach(async () => {
  for (const taste of open.splice(0)) await taste.close();
});

/** A hundred people, forty films, two camps, a rating of noise here and there. */
function camps() {
  const cells = Array.from({ length: 4000 }, (_, n) => [n % 100, Math.floor(n / 100)] as const).filter(
    ([u, i]) => (u * 7 + i * 3) % 5,
  );
  const rating = (u: number, i: number) => ((u * 31 + i * 17) % 11 === 0 ? 3 : u % 2 === i % 2 ? 4.5 : 1.5);
  return {
    userIds: Array.from({ length: 100 }, (_, u) => `u${u}`),
    itemIds: Array.from({ length: 40 }, (_, i) => `f${i}`),
    users: Uint32Array.from(cells, (c) => c[0]),
    items: Uint32Array.from(cells, (c) => c[1]),
    ratings: Float32Array.from(cells, ([u, i]) => rating(u, i)),
    at: Float64Array.from(cells, (_, n) => 1e12 + n),
    scale: { min: 0.5, max: 5, step: 0.5 },
  };
}

async function opened(name: string): Promise<Tasteprint> {
  const taste = await Tasteprint.open({ name, worker: false });
  open.push(taste);
  if (!(await taste.data())) await taste.addInteractions(camps());
  return taste;
}

test("a report has intervals, segments and differences, and warns of a random split", async () => {
  const taste = await opened("report");
  const models = [{ model: "matrix-factorization", params: { factors: 4, epochs: 30 }, name: "ours" }] as const;
  const report = await taste.evaluate({ models: [...models], seed: 3, k: 5 });
  expect(report.labels).toEqual(["popularity", "ours", "item-knn"]);
  expect(report.warnings.map((w) => w.code)).toEqual(["random-split-with-times"]);
  const [popularity, ours] = report.rows;
  const rmse = ours?.metrics.rmse as number;
  expect(ours?.intervals.rmse?.low).toBeLessThan(rmse);
  expect(ours?.intervals.rmse?.high).toBeGreaterThan(rmse);
  expect(ours?.segments.map((s) => s.name)).toEqual(["new", "light", "heavy", "popular", "tail"]);
  expect(ours?.segments[0]).toEqual({ name: "new", users: 0, ratings: 0 });
  expect(ours?.reliability.length).toBeGreaterThan(1);
  expect(ours?.againstPopularity.rmse).toMatchObject({ real: true, p: expect.any(Number) });
  expect(popularity?.againstPopularity).toEqual({});
  expect(report.rows[popularity?.againstBest.rmse?.row as number]?.name).not.toBe("popularity");
  const series = report.series.find((s) => s.name === "ndcg");
  expect(series?.values).toEqual(report.rows.map((r) => r.metrics.ndcg));
  expect(series?.low).toEqual(report.rows.map((r) => r.intervals.ndcg?.low));
  expect(report.series.find((s) => s.name === "coverage")?.low).toBe(undefined);
  const plain = await taste.evaluate({ models: [...models], seed: 3, k: 5, baselines: false });
  expect(plain.labels).toEqual(["popularity", "ours"]);
  expect(plain.rows[1]?.metrics).toEqual(ours?.metrics);
});

test("versions that were measured together are compared by more than their own figures", async () => {
  const taste = await opened("together");
  const ids: string[] = [];
  for (const [label, learningRate] of [
    ["good", 0.02],
    ["lazy", 0.0001],
  ] as const) {
    const params = { factors: 4, epochs: 30, learningRate };
    const result = await taste.train({ model: "matrix-factorization", params, seed: 1, label }).done;
    if (result.trained) ids.push(result.id);
  }
  expect((await taste.models.compare(ids)).together).toBe(undefined);
  const report = await taste.evaluate({ versions: ids, protocol: { split: "time" }, seed: 4, baselines: false });
  expect(report.pairs.map(({ a, b }) => [a, b])).toEqual([ids]);
  await taste.close();
  const again = await opened("together");
  const { together } = await again.models.compare([...ids].reverse());
  expect(together).toMatchObject({ protocol: report.protocol, k: 10 });
  const rmse = together?.rows.find((r) => r.metric === "rmse");
  const known = report.pairs[0]?.figures.rmse;
  // The first of these is the second of the pair: the sign turns.
  expect(rmse).toMatchObject({ best: 1, values: [report.rows[2]?.metrics.rmse, report.rows[1]?.metrics.rmse] });
  expect(rmse?.differences[0]?.difference).toBe(-(known?.difference as number));
  expect(rmse?.differences[0]?.low).toBe(-(known?.high as number));
  expect(rmse?.differences[0]).toMatchObject({ real: true });
  expect(rmse?.differences[1]).toBe(null);
});
