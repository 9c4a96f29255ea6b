/** Models of one's own numbers: against scikit-learn, what is refused, aborts, and the engine's death. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type * as Package from "../../src/shell/index.ts";

/** The package with a way to crash its engine. */
const { Tasteprint } = (await import(
  resolve(process.env.CARGO_TARGET_DIR || "target", "pkg-faults/index.js")
)) as typeof Package;

const fixture = (name: string) => JSON.parse(readFileSync(`tests/known/${name}.json`, "utf8"));
const flat = (rows: number[][]) => Float32Array.from(rows.flat());

/** Made by `tests/known/tables.py`. */
const known = fixture("tables");
const learned = { rows: flat(known.rows.slice(0, known.learned)), columns: ["a", "b", "c", "d", "e", "f"] };
const values = Float32Array.from(known.values.slice(0, known.learned));
const labels = Float32Array.from(known.labels.slice(0, known.learned));
const fresh = flat(known.rows.slice(known.learned));
const numbers = { ...learned, target: values };

const rmse = (said: Float64Array, true_: number[]) =>
  Math.sqrt(true_.reduce((sum, y, i) => sum + (y - (said[i] as number)) ** 2, 0) / true_.length);

let taste: Package.Tasteprint;
beforeAll(async () => {
  taste = await Tasteprint.open({ worker: false, persistence: "memory" });
});
afterAll(() => taste.close());

async function fitted<M extends Package.TableModelName>(options: Package.TableOptions<M>) {
  const model = await taste.fitTable(options);
  if (!model.trained) throw new Error(model.message);
  return model;
}

describe("beside scikit-learn", () => {
  test("a tree of all rows says the same", async () => {
    const params = { trees: 1, bootstrap: false, maxDepth: 4, minLeaf: 5 };
    const model = await fitted({ ...numbers, model: "random-forest", params, seed: 1 });
    const said = await model.predict(fresh);
    expect(said).toHaveLength(known.tree.length);
    for (const [at, want] of known.tree.entries()) expect(said[at], `row ${at}`).toBeCloseTo(want, 4);
    expect(model.report.outOfBag).toBeUndefined();
    await model.close();
  });

  test("a forest errs as much, and finds the same columns important", async () => {
    const model = await fitted({ ...numbers, model: "random-forest", params: { trees: 200 }, seed: 1 });
    const said = rmse(await model.predict(fresh), known.values.slice(known.learned));
    expect(said / known.forest.rmse).toBeGreaterThan(0.95);
    expect(said / known.forest.rmse).toBeLessThan(1.05);
    const { outOfBag, importance, task, rows, seed, params } = model.report;
    expect((outOfBag?.rmse as number) / known.forest.outOfBag).toBeCloseTo(1, 1);
    expect(outOfBag?.rows).toBe(known.learned);
    expect(outOfBag?.accuracy).toBeUndefined();
    expect({ task, rows, seed }).toEqual({ task: "regression", rows: 200, seed: 1 });
    expect(params).toMatchObject({ trees: 200, minLeaf: 1, bootstrap: true });
    expect(importance.map(({ column }) => column)).toEqual(learned.columns);
    for (const [at, want] of known.forest.importance.entries())
      expect(Math.abs((importance[at]?.importance as number) - want), `column ${at}`).toBeLessThan(0.03);
    await model.close();
  });

  test("a forest of classes says chances that are as good", async () => {
    const model = await fitted({
      ...{ ...learned, columns: 6, target: labels, seed: 1 },
      ...{ model: "random-forest", params: { trees: 200 }, task: "classification" },
    });
    const said = await model.predict(fresh);
    expect(rmse(said, known.labels.slice(known.learned)) / known.classifier.brier).toBeCloseTo(1, 1);
    expect(Math.min(...said)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...said)).toBeLessThanOrEqual(1);
    expect(model.report.outOfBag?.accuracy).toBeCloseTo(known.classifier.outOfBag, 1);
    expect(model.report.importance[5]?.column).toBe("5");
    await model.close();
  });

  test.each(["plain", "few columns", "balanced"])("a regression has the same coefficients: %s", async (name) => {
    // Made by `tests/known/logistic.py`.
    const one = fixture("logistic").find((f: { name: string }) => f.name === name);
    const { penalty, balanced, lambda: regularization } = one;
    const model = await fitted({
      ...{ model: "logistic-regression", columns: one.rows[0].length, rows: flat(one.rows) },
      ...{ target: Float32Array.from(one.labels), params: { penalty, balanced, regularization, calibrate: false } },
    });
    const { report } = model;
    expect(report.intercept).toBeCloseTo(one.intercept, 4);
    for (const [at, want] of one.coefficients.entries()) {
      expect(report.coefficients[at]?.coefficient).toBeCloseTo(want, 4);
      // Without the column there is nothing to be unsure of.
      expect(report.coefficients[at]?.standardError === undefined).toBe(want === 0);
    }
    const said = await model.predict(flat(one.rows));
    for (const [at, want] of one.probabilities.entries()) expect(said[at]).toBeCloseTo(want, 4);
    expect(report).toMatchObject({ converged: true, rows: one.rows.length });
    expect(report.calibration).toBeUndefined();
    expect(report.positives).toBe(one.labels.filter(Boolean).length);
    expect(report.importance.reduce((sum, { importance }) => sum + importance, 0)).toBeCloseTo(1, 9);
    await model.close();
  });

  test("calibration is reported, and by default asked for", async () => {
    const model = await fitted({ ...learned, target: labels, model: "logistic-regression", seed: 1 });
    expect(model.report.calibration).toMatchObject({ rows: known.learned, kept: expect.any(Boolean) });
    expect(model.report.interceptError).toBeGreaterThan(0);
    await model.close();
  });
});

describe("what is learned", () => {
  test("is the same for the same seed, and explained to the last digits", async () => {
    const options = { ...numbers, model: "random-forest", params: { trees: 20 } } as const;
    const [one, same, other] = [
      await fitted({ ...options, seed: 3 }),
      await fitted({ ...options, seed: 3 }),
      await fitted({ ...options, seed: 4 }),
    ];
    const said = await one.predict(fresh);
    expect(await same.predict(fresh)).toEqual(said);
    expect(await other.predict(fresh)).not.toEqual(said);
    for (const at of [0, 7]) {
      const { base, contributions, prediction } = await one.explain(fresh.slice(6 * at, 6 * at + 6));
      expect(contributions).toHaveLength(6);
      expect(contributions.reduce((sum, part) => sum + part, base)).toBeCloseTo(said[at] as number, 6);
      expect(prediction).toBe(said[at]);
    }
    for (const model of [one, same, other]) await model.close();
  });

  test("a regression's decision is the sum of its parts", async () => {
    const params = { calibrate: false };
    const model = await fitted({ ...learned, target: labels, model: "logistic-regression", params });
    const { base, contributions, prediction } = await model.explain(fresh.slice(0, 6));
    const decision = contributions.reduce((sum, part) => sum + part, base);
    expect(prediction).toBeCloseTo(1 / (1 + Math.exp(-decision)), 12);
    await model.close();
  });

  test("many rows are predicted in pieces, as one by one", async () => {
    const model = await fitted({ ...numbers, model: "random-forest", params: { trees: 3 }, seed: 1 });
    const some = await model.predict(fresh);
    const many = new Float32Array(fresh.length * 30);
    for (let at = 0; at < 30; at++) many.set(fresh, at * fresh.length);
    const all = await model.predict(many);
    expect(all).toHaveLength(30 * some.length);
    for (let at = 0; at < 30; at++) expect(all.slice(at * some.length, (at + 1) * some.length), `${at}`).toEqual(some);
    expect(await model.predict(new Float32Array(0))).toHaveLength(0);
    many[2000 * 6 + 2] = Number.NaN;
    await expect(model.predict(many)).rejects.toMatchObject({ details: { place: "rows[2000][2]" } });
    await model.close();
  });
});

describe("too little is an answer", () => {
  test("fewer rows than minSamples, and none at all", async () => {
    const nine = { columns: 1, rows: new Float32Array(9), target: new Float32Array(9) };
    const answer = await taste.fitTable({ ...nine, model: "random-forest" });
    expect(answer).toMatchObject({ trained: false, reason: "not-enough-rows" });
    expect((answer as Package.TableNotTrained).message).toMatch(/9 rows.*10/);
    const some = await fitted({ ...nine, model: "random-forest", params: { minSamples: 9 } });
    expect(await some.predict(new Float32Array(1))).toEqual(new Float64Array(1));
    const none = { columns: 3, rows: new Float32Array(0), target: new Float32Array(0) };
    expect(await taste.fitTable({ ...none, model: "logistic-regression" })).toMatchObject({ trained: false });
  });

  test("one class, where classes are told apart", async () => {
    const rows = Float32Array.from({ length: 20 }, (_, at) => at);
    const ones = { columns: 1, rows, target: new Float32Array(20).fill(1) };
    const refused = { trained: false, reason: "one-class", message: expect.stringContaining("All 20 targets are 1") };
    expect(await taste.fitTable({ ...ones, model: "logistic-regression" })).toEqual(refused);
    expect(await taste.fitTable({ ...ones, model: "random-forest", task: "classification" })).toEqual(refused);
    expect(await taste.fitTable({ ...ones, model: "random-forest" })).toMatchObject({ trained: true });
  });
});

describe("what is refused", () => {
  const withRow = (at: number, value: number) => {
    const rows = learned.rows.slice();
    rows[at] = value;
    return rows;
  };
  const withTarget = (value: number) => Float32Array.from(labels, (y, at) => (at === 5 ? value : y));
  const base = { ...numbers, model: "random-forest" };
  test.each([
    [{ ...base, rows: withRow(3 * 6 + 1, Number.NaN) }, "rows[3][1]", /NaN in row 3 of column "b"/],
    [{ ...base, rows: withRow(0, Number.POSITIVE_INFINITY) }, "rows[0][0]", /infinity in row 0 of column "a"/],
    [{ ...base, target: withTarget(Number.NaN) }, "target[5]", /finite/],
    [{ ...base, task: "classification", target: withTarget(0.5) }, "target[5]", /0 or 1.*got 0.5/],
    [{ ...base, model: "logistic-regression", target: withTarget(2) }, "target[5]", /0 or 1.*got 2/],
    [{ ...base, task: "ranking" }, "task", /"regression" or "classification"/],
    [{ ...base, model: "logistic-regression", target: labels, task: "classification" }, "task", /nothing/],
    [{ ...base, model: "ease" }, "model", /"random-forest" or "logistic-regression"/],
    [{ ...base, params: { trees: 0 } }, "params.trees", /1 to 1000/],
    [{ ...base, params: { depth: 3 } }, "params.depth", /does not exist/],
    [{ ...base, tree: 3 }, "fitTable.tree", /does not exist/],
    [{ ...base, seed: -1 }, "seed", /whole number/],
    [{ ...base, columns: 7 }, "fitTable.rows", /rows of 7 numbers, got 1200/],
    [{ ...base, columns: 0 }, "fitTable.columns", /1 to 65534/],
    [{ ...base, columns: ["a", "b", "a", "d", "e", "f"] }, "fitTable.columns[2]", /no other column/],
    [{ ...base, rows: known.rows }, "fitTable.rows", /Float32Array/],
    [{ ...base, target: values.slice(1) }, "fitTable.target", /200, one for each row, got 199/],
    [{ ...base, onProgress: true }, "fitTable.onProgress", /function/],
  ])("%#", async (options, place, message) => {
    const error = (await taste.fitTable(options as never).catch((e) => e)) as Package.TasteprintError;
    expect(error).toMatchObject({ details: { place } });
    expect(error.name).toBe("TasteprintError");
    expect(error.message).toMatch(message);
  });

  test("what would not fit into memory is said before it is tried", async () => {
    const wide = { columns: 1, rows: new Float32Array(4e6), target: new Float32Array(4e6) };
    const asked = taste.fitTable({ ...wide, model: "random-forest", params: { trees: 1000 } });
    await expect(asked).rejects.toMatchObject({ code: "out-of-memory", details: { place: "rows" } });
  });

  test("rows and a row of another width", async () => {
    const model = await fitted({ ...numbers, model: "random-forest", params: { trees: 2 } });
    await expect(model.predict(fresh.slice(1))).rejects.toMatchObject({ details: { place: "predict.rows" } });
    await expect(model.explain(fresh.slice(0, 5))).rejects.toMatchObject({ details: { place: "explain.row" } });
    const odd = Float32Array.from([1, 2, 3, 4, Number.NaN, 6]);
    await expect(model.explain(odd)).rejects.toMatchObject({ details: { place: "row[4]" } });
    await model.close();
  });
});

/** A minute of work, or more. */
const long = () => {
  const rows = Float32Array.from({ length: 20_000 * 20 }, (_, at) => Math.sin(at * at));
  const target = Float32Array.from({ length: 20_000 }, (_, at) => Math.sin(at * 7));
  return { model: "random-forest", params: { trees: 1000 }, columns: 20, rows, target } as const;
};

describe("while it works", () => {
  test("an abort is answered within 100 ms, progress is told, and nothing is left", async () => {
    const controller = new AbortController();
    const told: number[] = [];
    const asked = taste.fitTable({ ...long(), signal: controller.signal, onProgress: (share) => told.push(share) });
    const outcome = asked.catch((error) => error);
    await vi.waitUntil(() => told.length > 3, { timeout: 20_000 });
    // Another one has to wait, what is served has not.
    await expect(taste.fitTable({ ...numbers, model: "random-forest" })).rejects.toMatchObject({ code: "busy" });
    expect((await taste.status()).open).toBe(true);
    const began = performance.now();
    controller.abort();
    expect(await outcome).toMatchObject({ name: "AbortError", code: "aborted" });
    expect(performance.now() - began).toBeLessThan(100);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.every((share) => share >= 0 && share < 1)).toBe(true);
    const next = await fitted({ ...numbers, model: "random-forest", params: { trees: 2 } });
    await next.close();
  });

  test("what was aborted before it began does not begin", async () => {
    const asked = taste.fitTable({ ...numbers, model: "random-forest", signal: AbortSignal.abort() });
    await expect(asked).rejects.toMatchObject({ code: "aborted" });
  });
});

describe("how it ends", () => {
  test("what is under way ends with the engine", async () => {
    const mine = await Tasteprint.open({ worker: false, persistence: "memory" });
    let told = 0;
    const outcome = mine.fitTable({ ...long(), onProgress: () => told++ }).catch((error) => error);
    await vi.waitUntil(() => told > 1, { timeout: 20_000 });
    await mine.close();
    expect(await outcome).toMatchObject({ code: "closed" });
  });

  test("a closed model says nothing more, and others stay", async () => {
    const options = { ...numbers, model: "random-forest", params: { trees: 2 } } as const;
    const [one, other] = [await fitted(options), await fitted(options)];
    await one.close();
    await one.close();
    await expect(one.predict(fresh)).rejects.toMatchObject({ code: "closed" });
    await expect(one.explain(fresh.slice(0, 6))).rejects.toMatchObject({ code: "closed" });
    expect(await other.predict(fresh)).toHaveLength(100);
    await other.close();
  });

  test("what is forgotten here is none of its business; the end of everything is its end", async () => {
    const mine = await Tasteprint.open({ worker: false, persistence: "memory" });
    const model = await mine.fitTable({ ...numbers, model: "random-forest", params: { trees: 2 } });
    if (!model.trained) throw new Error(model.message);
    await mine.forget("everything");
    expect(await model.predict(fresh)).toHaveLength(100);
    await mine.close();
    await expect(model.predict(fresh)).rejects.toMatchObject({ code: "closed" });
    await model.close();
  });

  test("the engine's death is its end, and the next one does not mistake its handle", async () => {
    const mine = await Tasteprint.open({ worker: false, persistence: "memory" });
    const model = await mine.fitTable({ ...numbers, model: "random-forest", params: { trees: 2 } });
    if (!model.trained) throw new Error(model.message);
    const link = (mine as unknown as { link: { call(op: string, args: unknown): Promise<unknown> } }).link;
    vi.spyOn(console, "error").mockImplementation(() => {});
    await expect(link.call("crash", "for the test")).rejects.toMatchObject({ code: "engine-crashed" });
    const again = await mine.fitTable({ ...numbers, model: "random-forest", params: { trees: 2 } });
    await expect(model.predict(fresh)).rejects.toMatchObject({
      code: "no-model",
      message: expect.stringMatching(/gone with the engine.*fitTable\(\) again/),
    });
    expect(again.trained && (await again.predict(fresh)).length).toBe(100);
    await model.close();
    await mine.close();
  });
});
