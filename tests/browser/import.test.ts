/** Files from outside: hostile ones are refused and change nothing, large ones leave the page at ease. */
import { execFileSync } from "node:child_process";
import { strToU8, zipSync } from "fflate";
import { beforeAll, describe, expect, test } from "vitest";
import { BROWSERS } from "./lib/browsers.ts";
import { inBrowser } from "./lib/page.ts";
import { root } from "./lib/server.ts";

const CSV = "userId,movieId,rating,timestamp\n1,1,4.0,964982703\n1,2,3.5,964982704\n2,1,5.0,964982705\n";
const text = (content: string) => Buffer.from(content).toString("base64");
const zip = (files: Record<string, Uint8Array>) => Buffer.from(zipSync(files));

/** Calls `change` with the place of each entry's header in the central directory. */
function inDirectory(bytes: Buffer, change: (at: number) => void): Buffer {
  for (let at = bytes.indexOf("PK\u0001\u0002"); at >= 0; at = bytes.indexOf("PK\u0001\u0002", at + 4)) change(at);
  return bytes;
}

/** Marked as encrypted, as tools that encrypt do, in the directory and before the content. */
function encrypted(): Buffer {
  const bytes = zip({ "ratings.csv": strToU8(CSV) });
  bytes.writeUInt16LE(bytes.readUInt16LE(6) | 1, 6);
  return inDirectory(bytes, (at) => bytes.writeUInt16LE(bytes.readUInt16LE(at + 8) | 1, at + 8));
}

const bomb = () => zip({ "ratings.csv": new Uint8Array(40_000_000) });

/** A bomb whose directory says that it is small. */
function lyingBomb(): Buffer {
  const bytes = bomb();
  return inDirectory(bytes, (at) => bytes.writeUInt32LE(2_000, at + 24));
}

const many = () => zip(Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`${i}.csv`, new Uint8Array()])));

interface Hostile {
  /** Base64. */
  content: () => string;
  name: string;
  code: string;
  says: RegExp;
}
const HOSTILE: Record<string, Hostile> = {
  "a web page instead of a table": {
    content: () => text("<!DOCTYPE html>\n<html><head><title>404</title></head><body>Not found</body></html>"),
    name: "ratings.csv",
    code: "file-format",
    says: /web page/,
  },
  "a table without ratings": {
    content: () => text("a,b\n1,2\n"),
    name: "things.csv",
    code: "file-format",
    says: /mapping|column/,
  },
  "nothing at all": { content: () => "", name: "ratings.csv", code: "file-format", says: /empty|no / },
  noise: {
    content: () => Buffer.from([0, 1, 2, 3, 255, 254, 0, 0, 7]).toString("base64"),
    name: "ratings.csv",
    code: "file-format",
    says: /./,
  },
  "an encrypted zip": {
    content: () => encrypted().toString("base64"),
    name: "ml.zip",
    code: "file-encrypted",
    says: /encrypted/,
  },
  "a zip bomb": { content: () => bomb().toString("base64"), name: "ml.zip", code: "file-too-large", says: /unpacks/ },
  "a zip bomb that lies about its size": {
    content: () => lyingBomb().toString("base64"),
    name: "ml.zip",
    code: "file-too-large",
    says: /unpacks/,
  },
  "a zip with too many files": {
    content: () => many().toString("base64"),
    name: "ml.zip",
    code: "file-too-large",
    says: /10001/,
  },
  "a zip that climbs out of its folder": {
    content: () => zip({ "../../ratings.csv": strToU8(CSV) }).toString("base64"),
    name: "ml.zip",
    code: "file-format",
    says: /outside/,
  },
  "a zip that is cut off": {
    content: () =>
      zip({ "ratings.csv": strToU8(CSV.repeat(500)) })
        .subarray(0, 200)
        .toString("base64"),
    name: "ml.zip",
    code: "file-format",
    says: /cut off|damaged/,
  },
};

describe.each(BROWSERS)("%s", (name) => {
  const here = inBrowser(name);
  let before: unknown;
  const look = () =>
    here.run(async ({ taste, counts }) => ({
      data: await taste.data(),
      state: await taste.stateHash(),
      list: await taste.recommend({ k: 5 }),
      versions: await taste.models.list(),
      counts: await counts("import"),
    }));

  beforeAll(async () => {
    await here.fresh();
    await here.run(async (h) => {
      const taste = await h.openSmall({ name: "import" }, true);
      await taste.rate("f1", 5);
    });
    before = await look();
  });

  test.each(Object.entries(HOSTILE))("refuses %s", async (_, { content, name, code, says }) => {
    const error = await here.run(
      ({ taste, caught, decoded }, name, base64) => {
        const file = new File([decoded(base64)], name);
        return caught(() => taste.importRatings([file]).done);
      },
      name,
      content(),
    );
    expect(error).toMatchObject({ ours: true, name: "TasteprintError", code, message: expect.stringMatching(says) });
    expect(error.details.place, "place").toMatch(/./);
    expect(error.details.hint ?? error.details.expected, "what to do").toMatch(/./);
    expect(await look()).toEqual(before);
  });

  test("an import that is aborted leaves everything as it was", async () => {
    const error = await here.run(async ({ taste, caught, csv }) => {
      const run = taste.importRatings([new File([csv(200_000)], "ratings.csv")]);
      for await (const { rows } of run) if (rows > 1_000) break;
      run.abort();
      return caught(() => run.done);
    });
    expect(error).toMatchObject({ name: "AbortError", code: "aborted" });
    expect(await look()).toEqual(before);
  });

  test("a rating by a name with quotes, a semicolon and CRLF comes through", async () => {
    const seen = await here.run(async ({ taste }) => {
      const lines = ["\uFEFFuser;film;stars;title", '1;a;4,5;"Who; ""what"""', "2;a;3;x", "1;b;0,5;y", ""];
      const report = await taste.importRatings([new File([lines.join("\r\n")], "own.csv")], {
        mapping: { user: "user", item: "film", rating: "stars", title: "title" },
        label: "own",
      }).done;
      return { report, item: await taste.item("a") };
    });
    expect(seen.report).toMatchObject({ ratings: 3, users: 2, items: 2, label: "own", dropped: [] });
    expect(seen.item?.title).toBe('Who; "what"');
  });
});

describe("chromium", () => {
  const here = inBrowser("chromium");

  test("1,000,000 rows are imported, and the page never stands still for 200 ms", async () => {
    await here.fresh();
    const seen = await here.run(async (h) => {
      const taste = await h.open({ name: "large" });
      const file = new File([h.csv(1_000_000)], "ratings.csv");
      await h.sleep(500);
      const longest = h.watchGaps();
      const from = performance.now();
      const run = taste.importRatings([file]);
      const fractions: number[] = [];
      for await (const { fraction } of run) fractions.push(fraction);
      const report = await run.done;
      const ms = performance.now() - from;
      await taste.rate("1", 5);
      return {
        gap: longest(),
        ms,
        fractions: fractions.length,
        monotone: fractions.every((f, i) => f >= (fractions[i - 1] ?? 0)),
        report,
        bytes: file.size,
      };
    });
    console.log(`${seen.bytes} bytes in ${Math.round(seen.ms)} ms, longest gap ${Math.round(seen.gap)} ms`);
    expect(seen.report).toMatchObject({ ratings: 1_000_000, users: 10_000, items: 5_000, dropped: [] });
    expect(seen.gap).toBeLessThan(200);
    expect(seen.fractions).toBeGreaterThan(10);
    expect(seen.monotone).toBe(true);
  });
});

test("fault 25, import in Node: nothing is opened, started or changed", () => {
  // In a process of its own, which has nothing open but its output.
  const script = `
    const names = () => Reflect.ownKeys(globalThis).map(String).sort().join();
    const before = { names: names(), resources: process.getActiveResourcesInfo().length, fetch: globalThis.fetch };
    let fetched = 0;
    globalThis.fetch = () => { fetched++; return Promise.reject(new Error("no")); };
    const { Tasteprint } = await import("tasteprint");
    await new Promise((resolve) => setImmediate(resolve));
    const listeners = process.eventNames().filter((name) => typeof name === "string").sort();
    console.log(JSON.stringify({
      open: typeof Tasteprint.open,
      fetched,
      sameNames: names() === before.names,
      resources: process.getActiveResourcesInfo().length - before.resources,
      listeners,
    }));`;
  const bare = "console.log(JSON.stringify(process.eventNames().filter((n) => typeof n === 'string').sort()))";
  const run = (code: string) =>
    JSON.parse(
      execFileSync(process.execPath, ["--input-type=module", "-e", code], {
        cwd: root,
        encoding: "utf8",
        timeout: 10_000,
      }),
    );
  expect(run(script)).toEqual({ open: "function", fetched: 0, sameNames: true, resources: 0, listeners: run(bare) });
});

test("fault 25, Node: after close() nothing keeps the process alive", () => {
  const script = `
    const { Tasteprint } = await import("tasteprint");
    const taste = await Tasteprint.open({ catalog: [{ id: "a", title: "A" }, { id: "b", title: "B" }] });
    await taste.rate("a", 5);
    const list = await taste.recommend({ k: 2 });
    await taste.close();
    console.log(JSON.stringify({ list: list.map(({ item }) => item) }));`;
  const out = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: root,
    encoding: "utf8",
    timeout: 10_000,
  });
  expect(JSON.parse(out)).toEqual({ list: ["b"] });
});
