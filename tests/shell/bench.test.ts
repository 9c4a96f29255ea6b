import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Tasteprint } from "../../pkg/index.js";

const tools = new URL("../../tools/", import.meta.url);
/** The tools are plain JavaScript without declarations. */
const part = (name: string) => import(new URL(`bench/${name}.mjs`, tools).href);

const { parse, dataOf } = await part("args");
const { UsageError } = await part("errors");
const { accuracyCases, speedCases } = await part("cases");
const { models, paramsFor, documented } = await part("models");
const { asRatingsDat, checkFolder, readPairs, readPublished, readRatings, split } = await part("data");
const { readCatalog } = await part("catalog");
const { median, quantile, toLine, toTableRow } = await part("output");
const { keep, kept } = await part("results");
const { drawn, isNewcomer, ndcg } = await part("newcomers");
const { accuracy } = await part("accuracy");
const { dealt, filmsTable } = await part("table-case");
const { friedman } = await part("forest-case");
const docs = await part("docs");

let folder: string;

/** Made-up data sets of a few lines in the shapes of the real ones. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tasteprint-bench-test-"));
  const put = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
  for (const name of ["ml-100k", "ml-latest-small", "ml-1m"]) mkdirSync(join(folder, name));
  put("ml-100k/u.data", "7\t50\t5\t100\n7\t60\t1\t200\n8\t50\t4\t300\n9\t70\t2\t400\n8\t60\t3\t500\n");
  put("ml-100k/surprise_kfold5_seed0.fold.txt", "0\n1\n2\n0\n4\n");
  put("ml-100k/u1.base", "7\t50\t5\t100\n8\t50\t4\t300\n");
  put("ml-100k/u1.test", "9\t70\t2\t400\n");
  put("ml-latest-small/ratings.csv", "userId,movieId,rating,timestamp\r\n1,10,0.5,100\r\n2,10,4.5,200\r\n");
  put("ml-latest-small/surprise_kfold5_seed0.fold.txt", "0\n");
  const rows = "userId\tmovieId\trating\ttimestamp\tfold\n1\t1193\t5\t978300760\t1\n2\t1193\t3\t\t0\n";
  put("ml-1m/ratings.tsv.gz", gzipSync(rows));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The program itself, as `npm run bench` starts it. */
function bench(args: string[], env: Record<string, string> = {}) {
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const program = fileURLToPath(new URL("bench.mjs", tools));
    const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...env } });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text) => (stdout += text));
    child.stderr.on("data", (text) => (stderr += text));
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

describe("the command line", () => {
  test("what is left out has its default", () => {
    const wanted = parse(["accuracy"], {});
    expect(wanted.cases).toEqual(["ml-100k/P1.0", "ml-latest-small/P1.0", "ml-1m/P1.0", "ml-100k/P3"]);
    expect(wanted).toMatchObject({ suite: "accuracy", model: "matrix-factorization", seed: 1, json: false });
    expect(wanted.params).toBeUndefined();
    expect(wanted.folder).toBe(fileURLToPath(new URL("../../../shared/data", import.meta.url)));
    expect(parse(["speed"], {})).toMatchObject({ cases: Object.keys(speedCases), model: undefined });
    expect(parse(["size"], {}).cases).toEqual(["package"]);
  });

  test("what is given is taken", () => {
    const args = ["accuracy", "--json", "--case", "ml-100k/P2,ml-100k/P3", "--case", "ml-100k/P2"];
    const wanted = parse([...args, "--params", '{"factors":8}', "--seed", "0"], { TASTEPRINT_DATA: "/somewhere" });
    expect(wanted.cases).toEqual(["ml-100k/P2", "ml-100k/P3"]);
    expect(wanted).toMatchObject({ json: true, params: { factors: 8 }, seed: 0, folder: "/somewhere" });
    expect(parse(["speed", "--peers", "--data", "/d"], { TASTEPRINT_DATA: "/e" })).toMatchObject({
      peers: true,
      folder: "/d",
    });
  });

  test.each([
    [[], /accuracy\|speed\|size\|docs/],
    [["fast"], /unknown suite "fast"/],
    [["toString"], /unknown suite "toString"/],
    [["accuracy", "speed"], /unexpected: speed/],
    [["accuracy", "--cases", "x"], /--cases/],
    [["accuracy", "--case", "ml-100k/P9"], /unknown case of accuracy "ml-100k\/P9"/],
    [["accuracy", "--case", "live"], /unknown case/],
    [["accuracy", "--case", "ml-100k/P2,"], /unknown case of accuracy ""/],
    [["accuracy", "--model", "svd"], /unknown model "svd"/],
    [
      ["accuracy", "--peers", "--case", "tables/houses,ml-100k/P1.0", "--model", "ease"],
      /tables\/houses is for random-forest/,
    ],
    [["accuracy", "--peers", "--case", "ml-100k/P1.0"], /--peers has no meaning for ml-100k\/P1\.0/],
    [["accuracy", "--case", "tables/houses,ml-100k/P1.0"], /are about random-forest, matrix-factorization/],
    [["size", "--peers"], /--peers has no meaning for size/],
    [["accuracy", "--params", "{"], /no JSON/],
    [["accuracy", "--params", "[1]"], /needs an object/],
    [["accuracy", "--seed", "-1"], /./],
    [["accuracy", "--seed", "1.5"], /whole number/],
    [["speed", "--model", "popularity"], /not popularity/],
    [["speed", "--case", "page,als", "--model", "ease"], /als measures what it is for/],
    [["accuracy", "--model", "ease", "--case", "ml-latest-small-2016/P4"], /is for item-knn, not ease/],
    [["docs", "--json"], /no meaning for docs/],
    [["size", "--params", "{}"], /no meaning for size/],
  ])("%j is refused", (args, message) => {
    expect(() => parse(args, {})).toThrow(UsageError);
    expect(() => parse(args, {})).toThrow(message as RegExp);
  });

  test("a case's data set is its first part", () => {
    const { "learning-curve": curve, ...others } = accuracyCases as Record<string, { data?: string; how: string }>;
    for (const [name, { data, how }] of Object.entries(others))
      if (how === "tables") expect(name).toMatch(/^tables\//);
      else expect(name).toMatch(new RegExp(`^${data}/[PV]`));
    expect(curve?.data).toBe("ml-1m");
    expect(dataOf(parse(["accuracy"], {}))).toEqual(["ml-100k", "ml-latest-small", "ml-1m"]);
    expect(dataOf(parse(["speed", "--case", "live"], {}))).toEqual([]);
    expect(dataOf(parse(["size"], {}))).toEqual([]);
    expect(dataOf(parse(["accuracy", "--case", "tables/diabetes,tables/films"], {}))).toEqual(["ml-latest-small"]);
  });

  test("accuracy beside a peer is about the cases that have one", () => {
    const wanted = parse(["accuracy", "--model", "random-forest", "--peers", "--json"], {});
    expect(wanted).toMatchObject({ model: "random-forest", peers: true, json: true });
    expect(wanted.cases).toEqual(["tables/diabetes", "tables/houses", "tables/films"]);
    expect(parse(["accuracy", "--peers"], {})).toMatchObject({ cases: wanted.cases, model: "random-forest" });
    const alone = parse(["accuracy", "--case", "tables/films"], {});
    expect(alone).toMatchObject({ model: "random-forest", peers: false });
    expect(parse(["speed", "--case", "forest", "--peers"], {})).toMatchObject({ cases: ["forest"], peers: true });
  });

  test("the page can be watched under one model, or all", () => {
    expect(parse(["speed", "--case", "page", "--model", "ease"], {}).model).toBe("ease");
    expect(parse(["speed", "--case", "page"], {}).model).toBeUndefined();
  });
});

describe("models", () => {
  test("are those of the package", async () => {
    const taste = await Tasteprint.open({ worker: false, persistence: "memory" });
    const kinds = await taste.models.kinds();
    await taste.close();
    expect(kinds.map(({ name }) => name).sort()).toEqual([...models].sort());
    // What is documented is a setting of the package, too.
    for (const { model, case: name, params, why } of documented()) {
      expect(accuracyCases[name]).toBeDefined();
      expect(why).not.toBe("");
      const known = kinds.find((kind) => kind.name === model)?.params.map((param) => param.name);
      for (const key of Object.keys(params)) expect(known).toContain(key);
    }
  });

  test("what is asked goes before what is documented, and that before the defaults", () => {
    expect(paramsFor("factorization-machine", "ml-100k/P2")).toEqual({ history: "both" });
    expect(paramsFor("factorization-machine", "ml-1m/P1.0")).toEqual({ content: false });
    expect(paramsFor("factorization-machine", "ml-100k/P2", {})).toEqual({});
    expect(paramsFor("factorization-machine", "ml-100k/P1")).toBeUndefined();
  });
});

describe("data sets", () => {
  test("a fold is held out, and both parts know everybody", () => {
    const ratings = readRatings(folder, "ml-100k");
    const { train, test: held } = split(ratings, 0, "small");
    expect(train.userIds).toEqual(["7", "8", "9"]);
    expect(train.itemIds).toEqual(["50", "60", "70"]);
    expect([held.userIds, held.itemIds]).toEqual([train.userIds, train.itemIds]);
    expect([...held.users]).toEqual([0, 2]);
    expect([...held.items]).toEqual([0, 2]);
    expect([...held.ratings]).toEqual([5, 2]);
    expect([...train.ratings]).toEqual([1, 4, 3]);
    expect([...train.at]).toEqual([200_000, 300_000, 500_000]);
    expect(train.users).toBeInstanceOf(Uint32Array);
    expect(train.ratings).toBeInstanceOf(Float32Array);
    expect(train).toMatchObject({ scale: { min: 1, max: 5, step: 1 }, label: "small" });
    expect(() => split(ratings, 3)).toThrow(/nothing on one side/);
  });

  test("the publisher's split is fold 0 of itself", () => {
    const { train, test: held } = split(readPublished(folder, "ml-100k"), 0);
    expect([train.ratings.length, held.ratings.length]).toEqual([2, 1]);
    expect([held.userIds[held.users[0]], held.itemIds[held.items[0]]]).toEqual(["9", "70"]);
  });

  test("gzipped tables bring their folds, and unknown times are 0", () => {
    const ratings = readRatings(folder, "ml-1m");
    expect([...ratings.fold]).toEqual([1, 0]);
    expect([...ratings.at]).toEqual([978_300_760_000, 0]);
    expect(asRatingsDat(ratings).toString()).toBe("1::1193::5::978300760\n2::1193::3::956703932\n");
  });

  test("folds and ratings that do not belong together are refused", () => {
    expect(() => readRatings(folder, "ml-latest-small")).toThrow(/1 folds stand beside 2 ratings/);
  });

  test("settings are chosen on a part of what is learned from", () => {
    const fold = Array.from({ length: 50 }, (_, at) => at % 5);
    const rows = fold.map((_, at) => at);
    const pairs = {
      ...{ userIds: ["u"], itemIds: rows.map(String), users: new Uint32Array(50), items: Uint32Array.from(rows) },
      ...{ ratings: new Float32Array(50).fill(3), at: new Float64Array(50), fold: Uint8Array.from(fold) },
    };
    const { train, test: held } = split(pairs, "validation");
    expect([...train.items, ...held.items].sort((a, b) => a - b)).toEqual(rows.filter((row) => row % 5));
    expect(held.items.length).toBeGreaterThan(0);
    expect(train.items.length).toBeGreaterThan(held.items.length);
  });

  test("catalogs have a year and genres, and an item for each id", () => {
    const put = (name: string, content: string) => writeFileSync(join(folder, name), Buffer.from(content, "latin1"));
    put("ml-100k/u.genre", "unknown|0\nAction|1\nComedy|2\n\n");
    put("ml-100k/u.item", "50|A (1995)|01-Jan-1996||http://x|0|1|1\n60|B (1994)|||http://y|1|0|0\n");
    put("ml-1m/movies.dat", "1193::Caf\xe9 (1975)::Drama|Children's\n");
    put("ml-latest-small/movies.csv", 'movieId,title,genres\r\n10,"One, ""Two"" (1999)",(no genres listed)\r\n');
    expect(readCatalog(folder, "ml-100k", ["60", "50", "70"])).toEqual([
      { id: "60", title: "B (1994)", year: 1994, genres: [] },
      { id: "50", title: "A (1995)", year: 1996, genres: ["Action", "Comedy"] },
      { id: "70", title: "70", genres: [] },
    ]);
    expect(readCatalog(folder, "ml-1m", ["1193"])).toEqual([
      { id: "1193", title: "Café (1975)", year: 1975, genres: ["Drama", "Children's"] },
    ]);
    expect(readCatalog(folder, "ml-latest-small", ["10"])).toEqual([
      { id: "10", title: 'One, "Two" (1999)', year: 1999, genres: [] },
    ]);
    expect(readCatalog(folder, "ml-latest-small-2016", ["1"])).toEqual([{ id: "1", title: "1", genres: [] }]);
  });

  test("what is missing is named", () => {
    expect(() => readPairs(folder, "ml-100k", "preds.csv")).toThrow(UsageError);
    expect(() => checkFolder(folder, ["ml-100k", "ml-1m"])).not.toThrow();
    expect(() => checkFolder(join(folder, "none"), [])).toThrow(UsageError);
    mkdirSync(join(folder, "other/ml-100k"), { recursive: true });
    expect(() => checkFolder(join(folder, "other"), ["ml-100k"])).toThrow(/u\.data is missing/);
  });
});

describe("results", () => {
  const row = {
    ...{ suite: "accuracy", case: "ml-100k/P1.0", model: "popularity" },
    ...{ metric: "rmse", value: 0.907, seconds: 1.23456, settings: { seed: 1 } },
  };

  test("a line has the seven keys in their order, then what is more", () => {
    expect(toLine(row)).toBe(
      '{"suite":"accuracy","case":"ml-100k/P1.0","model":"popularity","metric":"rmse","value":0.907,"seconds":1.235,"settings":{"seed":1}}',
    );
    expect(Object.keys(JSON.parse(toLine({ ratio: 2, ...row }))).at(-1)).toBe("ratio");
    expect(JSON.parse(toLine({ ...row, model: null })).model).toBeNull();
  });

  test("a result without a number is none", () => {
    expect(() => toLine({ ...row, value: Number.NaN })).toThrow(/not a number/);
    expect(() => toLine({ ...row, settings: undefined })).toThrow(/settings/);
  });

  test("the table shows the same", () => {
    expect(toTableRow(row)).toMatch(/^ml-100k\/P1\.0 +popularity +rmse +0\.9070 +1\.2$/);
    expect(toTableRow({ ...row, model: null, value: 367_289 })).toMatch(/ – +rmse +367289 /);
  });

  test("medians and quantiles by hand", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([10, 9, 2, 1])).toBe(5.5);
    expect(quantile([5, 1, 4, 2, 3], 0.95)).toBe(5);
    expect(
      quantile(
        Array.from({ length: 100 }, (_, at) => at + 1),
        0.95,
      ),
    ).toBe(95);
  });

  test("the last line of a measurement counts", () => {
    const file = join(folder, "kept/results.jsonl");
    expect(kept(file)).toEqual([]);
    keep(toLine(row), "first", file);
    keep(toLine({ ...row, metric: "mae" }), "first", file);
    keep(toLine({ ...row, value: 0.8 }), "second", file);
    keep(toLine({ ...row, settings: { seed: 1, params: {} } }), "second", file);
    expect(kept(file).map((line: Record<string, unknown>) => [line.metric, line.value, line.package])).toEqual([
      ["rmse", 0.8, "second"],
      ["mae", 0.907, "first"],
      ["rmse", 0.907, "second"],
    ]);
  });
});

describe("newcomers", () => {
  const people = Array.from({ length: 200 }, (_, at) => `p${at}`);

  test("are about a fifth of all people, always the same, and none of their rows is learned from", () => {
    const newcomers = people.filter(isNewcomer);
    expect(newcomers.length).toBeGreaterThan(20);
    expect(newcomers.length).toBeLessThan(60);
    const ratings = {
      ...{ userIds: people, users: Uint32Array.from({ length: 600 }, (_, row) => row % 200) },
      ...{ itemIds: ["a", "b", "c"], items: Uint32Array.from({ length: 600 }, (_, row) => Math.floor(row / 200)) },
      ratings: new Float32Array(600).fill(4),
    };
    const once = drawn(ratings, 1);
    expect(once.people.map((person: { id: string }) => person.id)).toEqual(newcomers);
    expect(once.rows.length).toBe(600 - 3 * newcomers.length);
    expect(drawn(ratings, 1)).toEqual(once);
    const orders = (draw: typeof once) =>
      draw.people.map((p: { list: { item: string }[] }) => p.list.map((l) => l.item).join(""));
    expect(orders(drawn(ratings, 2))).not.toEqual(orders(once));
    expect(new Set(orders(once)).size).toBeGreaterThan(3);
  });

  test("their lists are measured by hand", () => {
    const gain = (at: number) => 1 / Math.log2(at + 2);
    expect(ndcg(["a", "b", "c"], new Set(["a", "c"]))).toBeCloseTo((gain(0) + gain(2)) / (gain(0) + gain(1)), 12);
    expect(ndcg(["a"], new Set(["x"]))).toBe(0);
    const ten = Array.from({ length: 10 }, (_, at) => `${at}`);
    expect(ndcg(ten, new Set([...ten, "more", "than", "ten"]))).toBe(1);
  });
});

describe("the document", () => {
  const lineOf = (more: object) => ({
    ...{ suite: "accuracy", case: "ml-100k/P1.0", model: "popularity", metric: "rmse", value: 1.03 },
    ...{ seconds: 1, settings: { params: "defaults", seed: 1 }, package: "x", ...more },
  });

  test("has figures where there are some, dashes where not, and the best of a column stands out", () => {
    const lines = [
      lineOf({}),
      lineOf({ model: "ease", value: 0.9461 }),
      lineOf({ settings: { params: "defaults", seed: 2 } }),
      lineOf({ case: "ml-1m/P1.0", model: "item-knn" }),
    ];
    const text = docs.render(
      "{{ratings}}\n\n{{ml-100k/P1.0 | ease | rmse | 2}} {{ml-100k/P3 | ease | ndcg@10}}",
      lines,
    );
    expect(text).toMatch(/^\| `popularity` \| 1\.0300 \| – \|$/m);
    expect(text).toMatch(/^\| `ease` \| \*\*\.9461\*\* \| – \|$/m);
    expect(text).not.toContain("implicit-als");
    expect(text.endsWith("\n.95 –")).toBe(true);
    expect(() => docs.render("{{nonsense}}", [])).toThrow(/nonsense/);
  });

  test("settings of a case count for that case, and other parameters do not", () => {
    const P2 = { case: "ml-100k/P2", model: "factorization-machine" };
    const lines = [
      lineOf({ ...P2, value: 0.8, settings: { params: { factors: 1 }, seed: 1 } }),
      lineOf({ ...P2, value: 0.9, settings: { params: { history: "both" }, seed: 1 } }),
      lineOf({ ...P2, value: 0.91, settings: { params: {}, seed: 1 } }),
    ];
    const at = (label: string) => docs.render(`{{ml-100k/P2 | ${label} | rmse}}`, lines);
    expect(at("factorization-machine, with history")).toBe(".900");
    expect(at("factorization-machine")).toBe(".910");
  });

  test("is the template with its figures filled in: it is not written by hand", () => {
    const fixed = (text: string) => text.split(/\{\{[^}]+\}\}/);
    const written = readFileSync(docs.document, "utf8");
    let from = 0;
    for (const part of fixed(readFileSync(docs.template, "utf8"))) {
      const at = written.indexOf(part, from);
      expect(at, `missing after ${from}: ${part.slice(0, 200)}`).toBeGreaterThanOrEqual(0);
      from = at + part.length;
    }
  });
});

describe("accuracy, with the built package", () => {
  let world: string;
  const users = 9;
  const rows: string[] = [];
  for (let user = 0; user < users; user++)
    for (let item = 0; item < 8; item++)
      if ((user + item) % 4) rows.push([user, item, user % 2 === item % 2 ? 5 : 2, 1000 + rows.length].join(","));
  // Somebody and something that the training part of fold 0 has never heard of.
  rows.push("stranger,0,4,2000", "0,novelty,3,2001");
  const folds = rows.map((row, at) => (/[a-z]/.test(row) ? 0 : at % 5));
  const held = folds.filter((fold) => fold === 0).length;

  beforeAll(() => {
    world = mkdtempSync(join(tmpdir(), "tasteprint-bench-world-"));
    const put = (name: string, file: string, lines: string[]) => {
      mkdirSync(join(world, name), { recursive: true });
      writeFileSync(join(world, name, file), `${lines.join("\n")}\n`);
    };
    const tabs = rows.map((row) => row.replaceAll(",", "\t"));
    put("ml-100k", "u.data", tabs);
    put("ml-latest-small", "ratings.csv", ["userId,movieId,rating,timestamp", ...rows]);
    for (const name of ["ml-100k", "ml-latest-small"]) put(name, "surprise_kfold5_seed0.fold.txt", folds.map(String));
  });
  afterAll(() => rmSync(world, { recursive: true, force: true }));

  /** Values by case, model and metric. */
  async function measured(cases: string[], params?: object) {
    const found: Record<string, { value: number; settings: Record<string, unknown> }> = {};
    const ask = { cases, model: "matrix-factorization", params, seed: 1, folder: world };
    for await (const row of accuracy(ask)) {
      expect(toLine({ suite: "accuracy", ...row })).toContain('"seconds":');
      found[`${row.case} ${row.model} ${row.metric}`] = row;
    }
    return found;
  }

  test("every held-out rating counts, popularity stands beside, and P5 is of the same run", async () => {
    const found = await measured(["ml-latest-small/P1.0", "ml-latest-small/P5.0"], { factors: 2, epochs: 20 });
    const at = (name: string) => found[`ml-latest-small/${name}`];
    for (const metric of ["rmse", "mae", "ndcg@10", "precision@10", "recall@10", "coverage", "coverage90", "learning"])
      for (const model of ["popularity", "matrix-factorization"])
        expect(at(`P1.0 ${model} ${metric}`)?.value, `${model} ${metric}`).toBeGreaterThan(0);
    expect(at("P1.0 matrix-factorization memory")?.value).toBeGreaterThan(0.5);
    expect(at("P1.0 popularity memory")).toBeUndefined();
    expect(at("P1.0 popularity rmse")?.settings).toMatchObject({ params: "defaults" });
    expect(at("P1.0 matrix-factorization rmse")?.settings).toMatchObject({
      params: { factors: 2, epochs: 20 },
      ratings: { train: rows.length - held, test: held },
    });
    for (const model of ["popularity", "matrix-factorization"]) {
      expect(at(`P5.0 ${model} rmse`)?.value).toBe(at(`P1.0 ${model} rmse`)?.value);
      expect(at(`P5.0 ${model} predicted`)?.value).toBe(1);
    }
  });

  test("P1 is the mean of its folds", async () => {
    const found = await measured(["ml-100k/P1", "ml-100k/P1.0"], { factors: 2, epochs: 2 });
    const whole = found["ml-100k/P1 matrix-factorization rmse"];
    expect(whole?.settings).toMatchObject({
      test: [0, 1, 2, 3, 4],
      ratings: { train: 4 * rows.length, test: rows.length },
    });
    expect(whole?.value).not.toBe(found["ml-100k/P1.0 matrix-factorization rmse"]?.value);
  });
});

describe("tables of numbers", () => {
  test("folds are of one size, dealt by their seed", () => {
    const folds = dealt(442, 1);
    for (let fold = 0; fold < 5; fold++)
      expect(Math.abs(folds.filter((one: number) => one === fold).length - 88.4)).toBeLessThan(1);
    expect(dealt(442, 1)).toEqual(folds);
    expect(dealt(442, 2)).not.toEqual(folds);
    // Rows that stand together are not held out together.
    expect(new Set(folds.slice(0, 20)).size).toBeGreaterThan(3);
  });

  test("Friedman's function is drawn by its seed, and its noise has a deviation of one", () => {
    const { columns, rows, target } = friedman(4000, 6, 1);
    expect([columns.length, rows.length, target.length]).toEqual([6, 24_000, 4000]);
    expect(friedman(4000, 6, 1).rows).toEqual(rows);
    expect(friedman(4000, 6, 2).rows).not.toEqual(rows);
    let squared = 0;
    for (const [at, y] of target.entries()) {
      const [a, b, c, d, e] = rows.subarray(6 * at, 6 * at + 5);
      squared += (y - (10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e)) ** 2;
    }
    expect(squared / 4000).toBeGreaterThan(0.9);
    expect(squared / 4000).toBeLessThan(1.1);
    expect(Math.abs(rows.reduce((sum: number, x: number) => sum + x, 0) / rows.length - 0.5)).toBeLessThan(0.01);
  });

  /** Thirty ratings of five films; the last film's year is not known, and fold 0 is not learned from. */
  const catalog = Array.from({ length: 5 }, (_, at) => ({
    ...{ id: `f${at}`, title: `Film ${at}`, genres: at % 2 ? ["Drama"] : ["Comedy", "Drama"] },
    ...(at < 4 && { year: 1990 + at }),
  }));
  const ratings = {
    ...{
      userIds: ["u"],
      users: new Uint32Array(30),
      itemIds: catalog.map(({ id }) => id),
      scale: { min: 0.5, max: 5 },
    },
    items: Uint32Array.from({ length: 30 }, (_, at) => at % 5),
    ratings: Float32Array.from({ length: 30 }, (_, at) => (at % 5 === 1 ? 4.5 : 2)),
    at: new Float64Array(30),
    fold: Uint8Array.from({ length: 30 }, (_, at) => (at < 5 ? 0 : 1)),
  };

  test("films are what is known of them, and nothing held out is among them", () => {
    const whole = filmsTable({ ratings, catalog });
    expect(whole.columns).toEqual(["genre Comedy", "genre Drama", "genres", "year", "year known"]);
    expect(whole.target).toHaveLength(25);
    expect([...whole.rows.slice(0, 10)]).toEqual([1, 1, 2, 1990, 1, 0, 1, 1, 1991, 1]);
    expect([...whole.rows.slice(20, 25)]).toEqual([1, 1, 2, 1991.5, 0]);
    expect([...whole.target.slice(0, 3)]).toEqual([2, 4.5, 2]);
    expect(filmsTable({ ratings, catalog }, 5).target).toHaveLength(5);
  });

  test("a forest is measured by folds, each row once for each draw", async () => {
    const world = mkdtempSync(join(tmpdir(), "tasteprint-bench-tables-"));
    mkdirSync(join(world, "ml-latest-small"));
    const put = (file: string, lines: string[]) =>
      writeFileSync(join(world, "ml-latest-small", file), `${lines.join("\n")}\n`);
    const rows = Array.from({ length: 60 }, (_, at) => `${at},${at % 6},${at % 6 < 3 ? 5 : 1},1000`);
    put("ratings.csv", ["userId,movieId,rating,timestamp", ...rows]);
    put(
      "surprise_kfold5_seed0.fold.txt",
      rows.map((_, at) => `${at % 5}`),
    );
    put("movies.csv", ["movieId,title,genres", ...[0, 1, 2, 3, 4, 5].map((id) => `${id},Film (${1990 + id}),Drama`)]);
    const ask = { cases: ["tables/films"], model: "random-forest", seed: 1, folder: world, peers: false };
    const found = [];
    for await (const row of accuracy({ ...ask, params: { trees: 20 } })) found.push(row);
    rmSync(world, { recursive: true });
    expect(found.map(({ model, metric }) => [model, metric])).toEqual([["random-forest", "rmse"]]);
    expect(found[0].settings).toMatchObject({ params: { trees: 20, maxFeatures: 1 }, rows: 48, seeds: 3, folds: 5 });
    // The year says all there is to know; without it, it would be 2.
    expect(found[0].value).toBeLessThan(0.5);
    expect(toLine({ suite: "accuracy", ...found[0] })).toContain('"metric":"rmse"');
  });
});

describe("newcomers and parity, with the built package", () => {
  let world: string;
  const given = new Map<string, Map<string, number>>();

  /** LensKit's item–item prediction as its documentation has it, in ten lines. */
  function neighbours(user: string, item: string) {
    const of = (id: string) =>
      [...given].flatMap(([who, ratings]) => (ratings.has(id) ? [[who, ratings.get(id)] as const] : []));
    const mean = (id: string) => of(id).reduce((sum, [, rating]) => sum + (rating ?? 0), 0) / of(id).length;
    const centred = (id: string) => new Map(of(id).map(([who, rating]) => [who, (rating ?? 0) - mean(id)]));
    const dot = (a: Map<string, number>, b: Map<string, number>) =>
      [...a].reduce((sum, [who, x]) => sum + x * (b.get(who) ?? 0), 0);
    const alike = (a: string, b: string) =>
      dot(centred(a), centred(b)) / Math.sqrt(dot(centred(a), centred(a)) * dot(centred(b), centred(b)));
    const rated = [...(given.get(user) ?? [])].filter(([other]) => other !== item);
    const near = rated
      .map(([other, rating]) => ({ s: alike(item, other), above: rating - mean(other) }))
      .filter(({ s }) => s >= 1e-6);
    return (
      mean(item) + near.reduce((sum, { s, above }) => sum + s * above, 0) / near.reduce((sum, { s }) => sum + s, 0)
    );
  }

  beforeAll(() => {
    world = mkdtempSync(join(tmpdir(), "tasteprint-bench-others-"));
    const put = (name: string, file: string, content: string | Uint8Array) => {
      mkdirSync(join(world, name), { recursive: true });
      writeFileSync(join(world, name, file), content);
    };
    const rows: string[] = [];
    for (let user = 0; user < 60; user++)
      for (let item = 0; item < 12; item++)
        if ((user * 7 + item * 5) % 6) {
          const rating = user % 2 === item % 2 ? 5 - (user % 3) / 2 : 2 - (item % 4) / 2;
          rows.push(`u${user}\ti${item}\t${Math.max(1, Math.round(rating))}\t${1000 + rows.length}`);
        }
    for (const row of rows) {
      const [user, item, rating] = row.split("\t") as [string, string, string];
      given.set(user, (given.get(user) ?? new Map()).set(item, Number(rating)));
    }
    put("ml-100k", "u.data", `${rows.join("\n")}\n`);
    put("ml-100k", "surprise_kfold5_seed0.fold.txt", `${rows.map((_, at) => at % 5).join("\n")}\n`);
    const csv = rows.map((row) => row.replaceAll("\t", ","));
    put("ml-latest-small-2016", "ratings.csv.gz", gzipSync(`userId,movieId,rating,timestamp\n${csv.join("\n")}\n`));
    // u0 has not rated i0, u1 and u3 have; one of four values is a little off.
    const pairs = ["u0", "u1", "u3", "u5"].map((user) => [user, "i0", neighbours(user, "i0")] as const);
    const told = pairs.map(([user, item, value], at) => `${user},${item},${at === 2 ? value + 0.001 : value}`);
    put("ml-latest-small-2016", "item-item-preds.csv", `user_id,item_id,prediction\n${told.join("\n")}\n`);
  });
  afterAll(() => rmSync(world, { recursive: true, force: true }));

  test("fold-in beside a full training, and popularity", async () => {
    const found: Record<string, number> = {};
    const ask = { cases: ["ml-100k/P6"], model: "item-knn", seed: 1, folder: world };
    for await (const { model, metric, value, settings } of accuracy(ask)) {
      found[`${model} ${metric}`] = value;
      expect(settings.ratings.train + settings.ratings.test).toBe(600);
    }
    for (const count of [1, 3, 5]) {
      expect(found[`item-knn ndcg@10 after ${count}`]).toBeGreaterThan(0);
      expect(found[`item-knn ndcg@10 after ${count}`]).toBeLessThanOrEqual(1);
      expect(found[`item-knn share of retrained after ${count}`]).toBeGreaterThan(0.5);
      expect(found[`popularity rmse after ${count}`]).toBeGreaterThan(0);
      expect(found[`popularity retrained ndcg@10 after ${count}`]).toBeUndefined();
    }
    // The checkerboard: two halves of people with opposite tastes. Knowing somebody helps, and popularity never learns.
    expect(found["item-knn rmse after 5"]).toBeLessThan(found["popularity rmse after 5"] as number);
  });

  test("predictions are compared pair by pair, with the target left out of its neighbours", async () => {
    const found: Record<string, number> = {};
    const ask = { cases: ["ml-latest-small-2016/P4"], model: "item-knn", seed: 1, folder: world };
    for await (const { model, metric, value } of accuracy(ask)) found[`${model} ${metric}`] = value;
    expect(Object.keys(found).some((name) => name.startsWith("popularity"))).toBe(false);
    expect(found["item-knn within-0.0001"]).toBe(0.75);
    expect(found["item-knn largest"]).toBeCloseTo(0.001, 5);
  });
});

describe("the program", () => {
  test("missing data ends with 2, a reason, and nothing on stdout", async () => {
    const missing = join(folder, "nowhere");
    for (const [args, env] of [
      [["accuracy", "--json", "--data", missing], {}],
      [["speed", "--json", "--case", "import"], { TASTEPRINT_DATA: missing }],
    ] as const) {
      const { code, stdout, stderr } = await bench([...args], env);
      expect(stderr).toContain(`there is no data folder ${missing}`);
      expect([code, stdout]).toEqual([2, ""]);
    }
  });

  test("an unknown flag ends with 2, help with 0", async () => {
    const refused = await bench(["size", "--fast"]);
    expect(refused.stderr).toMatch(/error: .*--fast/);
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    const help = await bench(["--help"]);
    expect(help.stdout).toContain("npm run bench");
    expect(help.code).toBe(0);
  });
});
