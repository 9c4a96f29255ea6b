import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const tools = new URL("../../tools/", import.meta.url);
/** The tools are plain JavaScript without declarations. */
const part = (name: string) => import(new URL(`bench/${name}.mjs`, tools).href);

const { parse, dataOf, UsageError, accuracyCases } = await part("args");
const { asRatingsDat, checkFolder, readPublished, readRatings, split } = await part("data");
const { median, quantile, toLine, toTableRow } = await part("output");
const { precisionRecall } = await part("rated");
const { accuracy } = await part("accuracy");

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
    expect(parse(["speed"], {}).cases).toEqual(["mf-sgd", "live", "recommend", "import"]);
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
    [[], /accuracy\|speed\|size/],
    [["fast"], /unknown suite "fast"/],
    [["toString"], /unknown suite "toString"/],
    [["accuracy", "speed"], /unexpected: speed/],
    [["accuracy", "--cases", "x"], /--cases/],
    [["accuracy", "--case", "ml-100k/P9"], /unknown case of accuracy "ml-100k\/P9"/],
    [["accuracy", "--case", "live"], /unknown case/],
    [["accuracy", "--case", "ml-100k/P2,"], /unknown case of accuracy ""/],
    [["accuracy", "--model", "svd"], /unknown model "svd"/],
    [["accuracy", "--peers"], /--peers has no meaning for accuracy/],
    [["accuracy", "--params", "{"], /no JSON/],
    [["accuracy", "--params", "[1]"], /needs an object/],
    [["accuracy", "--seed", "-1"], /./],
    [["accuracy", "--seed", "1.5"], /whole number/],
    [["speed", "--model", "popularity"], /not popularity/],
    [["size", "--params", "{}"], /no meaning for size/],
  ])("%j is refused", (args, message) => {
    expect(() => parse(args, {})).toThrow(UsageError);
    expect(() => parse(args, {})).toThrow(message as RegExp);
  });

  test("a case's data set is its first part", () => {
    for (const [name, { data }] of Object.entries<{ data: string }>(accuracyCases))
      expect(name.startsWith(`${data}/P`)).toBe(true);
    expect(dataOf(parse(["accuracy"], {}))).toEqual(["ml-100k", "ml-latest-small", "ml-1m"]);
    expect(dataOf(parse(["speed", "--case", "live"], {}))).toEqual([]);
    expect(dataOf(parse(["size"], {}))).toEqual([]);
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

  test("what is missing is named", () => {
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

  test("precision and recall of rated items by hand", () => {
    const list = [
      [4.8, 5],
      [4.1, 3],
      [3.6, 4],
      [3.4, 4],
      [2, 1],
    ];
    expect(precisionRecall(list)).toEqual({ precision: 2 / 3, recall: 2 / 3 });
    expect(precisionRecall([[3, 5]])).toEqual({ precision: 0, recall: 0 });
    expect(precisionRecall(Array.from({ length: 12 }, () => [4, 4]))).toEqual({ precision: 1, recall: 10 / 12 });
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

  test("every held-out rating counts, popularity stands beside, and P5 agrees on the errors", async () => {
    const found = await measured(["ml-latest-small/P1.0", "ml-latest-small/P5.0"], { factors: 2, epochs: 20 });
    const at = (name: string) => found[`ml-latest-small/${name}`];
    for (const metric of ["rmse", "mae", "ndcg@10", "precision@10", "recall@10", "coverage"])
      for (const model of ["popularity", "matrix-factorization"])
        expect(at(`P1.0 ${model} ${metric}`)?.value).toBeGreaterThan(0);
    expect(at("P1.0 popularity rmse")?.settings).toMatchObject({ params: "defaults" });
    expect(at("P1.0 matrix-factorization rmse")?.settings).toMatchObject({
      params: { factors: 2, epochs: 20 },
      ratings: { train: rows.length - held, test: held },
    });
    // Two ways to the same predictions: held-out ratings given to `evaluate`, and lists asked for as a page does.
    for (const model of ["popularity", "matrix-factorization"])
      expect(at(`P5.0 ${model} rmse`)?.value).toBeCloseTo(at(`P1.0 ${model} rmse`)?.value as number, 6);
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
