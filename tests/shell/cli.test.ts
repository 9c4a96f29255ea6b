/** The command of the package: its command line, and the program as it is shipped, on data made here. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Tasteprint } from "../../pkg/index.js";
import { type Command, parse, UsageError } from "../../src/shell/cli/args.ts";
import { Progress } from "../../src/shell/cli/progress.ts";

const words = (line: string): Command => parse(line.split(" ").filter(Boolean));

describe("the command line", () => {
  test("models come in order, and parameters belong to the one before", () => {
    const command = parse(["pack", "r.csv", "--model", "ease", "--params", '{"a":1}', "--models", "b,c", "-o", "x"]);
    expect(command).toMatchObject({
      models: [{ model: "ease", params: { a: 1 } }, { model: "b" }, { model: "c" }],
      files: ["r.csv"],
      output: "x",
      seed: 1,
      half: false,
    });
    const plain = words("pack r.csv --items i.csv -o x");
    expect(plain).toMatchObject({ models: [{ model: "matrix-factorization" }], files: ["r.csv", "i.csv"] });
    expect(parse(["evaluate", "r.csv", "--params", "{}"])).toMatchObject({
      models: [{ model: "matrix-factorization", params: {} }],
    });
  });

  test("splits, columns and scales are short to say", () => {
    expect(words("evaluate r --protocol time:0.3 --k 5")).toMatchObject({
      protocol: { split: "time", fraction: 0.3 },
      k: 5,
    });
    expect(words("evaluate r --protocol k-fold:3")).toMatchObject({ protocol: { split: "k-fold", folds: 3 } });
    expect(parse(["evaluate", "r", "--protocol", '{"split":"leave-last","n":2}'])).toMatchObject({
      protocol: { split: "leave-last", n: 2 },
    });
    expect(words("pack r -o x --validation none --patience 0 --scale 1,10,1")).toMatchObject({
      validation: { split: "none" },
      patience: 0,
      scale: { min: 1, max: 10, step: 1 },
    });
    expect(words("pack r -o x --mapping user=who,item=film,rating=stars")).toMatchObject({
      mapping: { user: "who", item: "film", rating: "stars" },
    });
  });

  test.each([
    ["", /say what to do/],
    ["train r", /no command "train"/],
    ["pack -o x", /at least one file/],
    ["pack r", /where the pack goes/],
    ["pack r -o x --colour", /unknown option '--colour'/],
    ["pack r -o x --k 3", /unknown option '--k'/],
    ["pack r -o x --seed 1.5", /--seed needs a whole number/],
    ["pack r -o x --seed 9007199254740993", /--seed needs a whole number/],
    ["evaluate r --k 0", /--k needs a whole number from 1 to 1000/],
    ["pack r -o x --params [1]", /--params needs an object/],
    ["pack r -o x --params {a}", /--params is no JSON/],
    ["pack r -o x --params {} --params {}", /twice/],
    ["pack r -o x --models a,,b", /name of a model/],
    ["evaluate r --protocol time:soon", /--protocol needs a split/],
    ["evaluate r --protocol none:1", /--protocol needs a split/],
    ["pack r -o x --scale 1,5", /--scale needs min,max,step/],
    ["pack r -o x --mapping user=a,item=b", /--mapping needs/],
    ["pack r -o x --mapping who=a,user=a,item=b,rating=c", /--mapping needs/],
  ])("refuses %j", (line, message) => {
    expect(() => words(line)).toThrow(message);
    expect(() => words(line)).toThrow(UsageError);
  });

  test("help and version are answered wherever they stand", () => {
    expect([words("--help"), words("pack --help"), words("help evaluate"), words("--version")]).toEqual([
      { name: "help", of: "tasteprint" },
      { name: "help", of: "pack" },
      { name: "help", of: "evaluate" },
      { name: "version" },
    ]);
  });
});

describe("progress", () => {
  /** What a screen is written while `steps` are shown, 50 ms apart. */
  const written = (isTTY: boolean, quiet = false) => {
    const out: string[] = [];
    let time = 1;
    const progress = new Progress({ isTTY, columns: 40, write: (text) => out.push(text) }, quiet, () => time);
    for (let i = 0; i < 10; i++, time += 50) progress.show(`epoch ${i} of a work with a long, long name`, i / 10);
    progress.done("done");
    return out;
  };

  test("is one line on a terminal, redrawn now and then and never wider than it", () => {
    const out = written(true);
    expect(out.filter((text) => text.startsWith("\r\x1b[K")).length).toBe(6);
    expect(Math.max(...out.map((text) => text.replace("\r\x1b[K", "").length))).toBeLessThan(40);
    expect(out.slice(-2)).toEqual(["\r\x1b[K", "done\n"]);
  });

  test("is a few plain lines elsewhere, and none when it is to be quiet", () => {
    const out = written(false);
    expect(out).toEqual(["  0 % epoch 0 of a work with a long, long name\n", "done\n"]);
    expect(written(false, true)).toEqual([]);
  });
});

describe("the program", () => {
  let folder: string;
  const at = (name: string) => join(folder, name);

  /** Two camps of people who love the opposite halves of thirty films. */
  const rows = Array.from({ length: 60 * 30 }, (_, i) => [Math.floor(i / 30), i % 30] as const)
    .filter(([u, f]) => (u * 7 + f * 3) % 5 > 0)
    .map(([u, f]) => [`person-${u}`, f + 1, u % 2 === f % 2 ? 4.5 : 1.5, 964982703 + u * 100 + f] as const);
  const ratings = `userId,movieId,rating,timestamp\n${rows.map((row) => row.join(",")).join("\n")}\n`;
  const films = Array.from({ length: 30 }, (_, f) => `${f + 1},Film ${f} (19${60 + f}),${f % 2 ? "Drama" : "Comedy"}`);
  const movies = `movieId,title,genres\n${films.join("\n")}\n`;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tasteprint-cli-"));
    writeFileSync(at("ratings.csv"), ratings);
    writeFileSync(at("movies.csv"), movies);
    const bytes = (text: string) => new TextEncoder().encode(text);
    writeFileSync(at("all.zip"), zipSync({ "set/ratings.csv": bytes(ratings), "set/movies.csv": bytes(movies) }));
    const whole = rows.map(([u, f, r, t]) => [u.slice(7), f, Math.ceil(r), t]);
    writeFileSync(at("ratings.dat"), `${whole.map((row) => row.join("::")).join("\n")}\n`);
    writeFileSync(at("u.data"), `${whole.map((row) => row.join("\t")).join("\n")}\n`);
    const mine = rows.map(([u, f, r]) => [u, f, r].join(";"));
    writeFileSync(at("mine.csv"), `who;film;stars\n${mine.join("\n")}\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  interface Outcome {
    code: number | null;
    stdout: string;
    stderr: string;
  }

  const program = (...args: string[]) =>
    new Promise<Outcome>((resolve) => {
      const child = spawn(process.execPath, [join(process.cwd(), "pkg/cli.js"), ...args], { cwd: folder });
      const outcome: Outcome = { code: null, stdout: "", stderr: "" };
      child.stdout.on("data", (chunk) => (outcome.stdout += chunk));
      child.stderr.on("data", (chunk) => (outcome.stderr += chunk));
      child.on("close", (code) => resolve({ ...outcome, code }));
    });

  const FEW = '{"factors":4,"epochs":15,"regularization":0.02}';
  const two = ["--model", "matrix-factorization", "--params", FEW, "--model", "popularity"];

  test("makes a pack that a page opens, says what it did, and makes the same bytes again", async () => {
    const ask = ["pack", "ratings.csv", "--items", "movies.csv", ...two, "--label", "two camps", "--licence", "CC0"];
    const first = await program(...ask, "-o", "cinema.pack");
    expect(first).toMatchObject({ code: 0 });
    expect(first.stderr).toMatch(/1440 ratings by 60 people of 30 items/);
    expect(first.stderr).toMatch(/matrix-factorization: trained in/);
    expect(first.stdout).toMatch(/^matrix-factorization: RMSE 0\.\d+ \(popularity/);
    const pack = readFileSync(at("cinema.pack"));
    const sha256 = createHash("sha256").update(pack).digest("hex");
    expect(first.stdout).toContain(`cinema.pack: ${pack.length} bytes, SHA-256 ${sha256}`);
    expect(pack.toString("latin1")).not.toContain("person-");

    const again = await program(...ask, "--json", "--quiet", "-o", "again.pack");
    expect(again.stderr).toBe("");
    const said = JSON.parse(again.stdout);
    expect(said).toMatchObject({ output: "again.pack", bytes: pack.length, sha256, data: { ratings: 1440 } });
    expect(said.models.map((m: { model: string }) => m.model)).toEqual(["matrix-factorization", "popularity"]);

    const taste = await Tasteprint.open({ persistence: "memory", worker: false, pack });
    try {
      const listed = await taste.models.list();
      expect(listed.map(({ model, active, seed }) => [model, active, seed])).toEqual([
        ["matrix-factorization", true, 1],
        ["popularity", false, 1],
      ]);
      const origin = { pack: sha256, label: "two camps", licence: "CC0", precision: "f32" };
      expect(listed[0]).toMatchObject({ source: "pack", origin, data: { ratings: 1296, users: 60 } });
      expect(listed[0]?.metrics?.rmse).toBeCloseTo(said.models[0].metrics.rmse, 9);
      expect(listed[0]?.baseline?.rmse).toBeGreaterThan(listed[0]?.metrics?.rmse as number);
      for (const film of ["1", "3", "5"]) await taste.rate(film, 5);
      for (const { item } of await taste.recommend({ k: 5 })) expect(Number(item) % 2).toBe(1);
    } finally {
      await taste.close();
    }
  });

  test("halves make it smaller", async () => {
    const sizes: number[] = [];
    for (const more of [[], ["--f16"]]) {
      const { stdout } = await program("pack", "all.zip", "--params", FEW, "-o", "size.pack", "--json", ...more);
      sizes.push(JSON.parse(stdout).bytes);
    }
    expect(sizes[1]).toBeLessThan(sizes[0] as number);
  });

  test.each([
    ["a zip", ["all.zip"], 1440],
    ["ratings.dat", ["ratings.dat"], 1440],
    ["u.data", ["u.data"], 1440],
    ["a table with columns of its own", ["mine.csv", "--mapping", "user=who,item=film,rating=stars"], 1440],
  ])("reads %s", async (_, args, count) => {
    const { code, stdout } = await program("pack", ...args, "--model", "popularity", "-o", "read.pack", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout).data.ratings).toBe(count);
  });

  test("evaluates, for people and for programs", async () => {
    const ask = ["evaluate", "ratings.csv", "movies.csv", "--model", "matrix-factorization", "--params", FEW];
    const shown = await program(...ask, "--protocol", "random:0.25", "--quiet");
    expect(shown).toMatchObject({ code: 0, stderr: "" });
    const lines = shown.stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^ +RMSE +MAE +nDCG@10 +P@10 +R@10 +coverage$/);
    const named = lines.slice(1, 4).map((line) => line.split(" ")[0]);
    expect(named).toEqual(["popularity", "matrix-factorization", "item-knn"]);
    expect(shown.stdout).toMatch(/^matrix-factorization against popularity: RMSE −\d/m);
    const { code, stdout } = await program(...ask, "--protocol", "k-fold:2", "--k", "5", "--json");
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ k: 5, seed: 1, data: { users: 60 } });
    expect(report.rows[1].metrics.rmse).toBeLessThan(report.rows[0].metrics.rmse);
  });

  test.each([
    ["nothing", [], 2, /say what to do/],
    ["an unknown model", ["pack", "ratings.csv", "--model", "svd", "-o", "x"], 2, /at model.*got "svd"/],
    ["a misspelt parameter", ["pack", "ratings.csv", "--params", '{"factrs":1}', "-o", "x"], 2, /params\.factrs/],
    ["an unknown protocol", ["evaluate", "ratings.csv", "--protocol", "alphabet"], 2, /at split.*alphabet/],
    ["a file that is not there", ["pack", "nowhere.csv", "-o", "x"], 1, /nowhere\.csv: there is no such file/],
    ["a folder for a file", ["pack", ".", "-o", "x"], 1, /this is a folder/],
    ["a folder that is not there", ["pack", "ratings.csv", "-o", "no/where/x"], 1, /is not there/],
    ["a file without ratings", ["pack", "movies.csv", "-o", "x"], 1, /the file with the ratings is missing/],
  ])("says what is wrong with %s", async (_, args, code, message) => {
    const outcome = await program(...(args as string[]));
    expect(outcome).toMatchObject({ code, stdout: "" });
    expect(outcome.stderr).toMatch(message as RegExp);
    expect(/Try: tasteprint/.test(outcome.stderr)).toBe(code === 2);
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
    expect(existsSync(at("x"))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  test("too little data is a failure that says so", async () => {
    writeFileSync(at("few.csv"), "userId,movieId,rating\n1,1,3\n2,1,4\n");
    const outcome = await program("pack", "few.csv", "-o", "few.pack");
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    expect(outcome.stderr).toMatch(/could not be trained: There are 2 ratings/);
  });

  test("helps, and knows its version", async () => {
    const help = await program("pack", "--help");
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toMatch(/^tasteprint pack FILE/);
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    expect((await program("--version")).stdout).toBe(`${version}\n`);
  });

  test("is no part of what a page loads", () => {
    for (const file of ["index.js", "worker.js"]) {
      const text = readFileSync(join("pkg", file), "utf8");
      expect(text).not.toMatch(/["']node:|cli\.js/);
    }
    expect(readFileSync("pkg/cli.js", "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});
