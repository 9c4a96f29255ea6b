/** Input to refuse, through the public API of a real page: always the one error class, with a code and a place. */
import { beforeAll, describe, expect, test } from "vitest";
import { BROWSERS } from "./lib/browsers.ts";
import { inBrowser } from "./lib/page.ts";
import type { Caught, Harness } from "./page/harness.ts";

/** What an error has to say, and where. */
type Says = { place?: RegExp; expected?: RegExp; hint?: RegExp; message?: RegExp };
type Attempt = (h: Harness) => unknown;

/** What is tried, the code it must be refused with, and what the error has to say. */
const REFUSED: Record<string, [attempt: Attempt, code: string, says: Says]> = {
  "a misspelt option of open": [
    ({ Tasteprint }) => Tasteprint.open({ nmae: "x" } as object),
    "unknown-option",
    { place: /nmae/, expected: /name/ },
  ],
  "a misspelt option of train": [
    ({ taste }) => taste.train({ model: "popularity", sead: 1 } as never),
    "unknown-option",
    { place: /sead/, expected: /seed/ },
  ],
  "a misspelt parameter of a model": [
    ({ taste }) => taste.train({ model: "matrix-factorization", params: { factor: 3 } as object }).done,
    "unknown-option",
    { place: /factor/, expected: /factors/ },
  ],
  "a misspelt option of recommend": [
    ({ taste }) => taste.recommend({ excludeSean: false } as object),
    "unknown-option",
    { place: /recommend/, expected: /excludeSeen/, message: /excludeSean/ },
  ],
  "a misspelt option of rate": [
    ({ taste }) => taste.rate("f1", 3, { profil: "x" } as object),
    "unknown-option",
    { place: /profil/, expected: /profile/ },
  ],
  "a rating above the scale": [
    ({ taste }) => taste.rate("f1", 5.5),
    "rating-off-scale",
    { place: /rating/, expected: /0\.5.*5/ },
  ],
  "a rating between the steps": [
    ({ taste }) => taste.rate("f1", 3.3),
    "rating-off-scale",
    { place: /rating/, expected: /step|0\.5/ },
  ],
  "a rating that is no number": [
    ({ taste }) => taste.rate("f1", Number.NaN),
    "rating-off-scale",
    { place: /rating/, expected: /number/ },
  ],
  "a rating that is a string": [
    ({ taste }) => taste.rate("f1", "4" as never),
    "invalid-argument",
    { place: /rating/, expected: /number/ },
  ],
  "an id that is a number": [
    ({ taste }) => taste.rate(1 as never, 4),
    "invalid-argument",
    { place: /item/, expected: /string/, hint: /String\(id\)/ },
  ],
  "an empty id": [({ taste }) => taste.rate("", 4), "invalid-argument", { place: /item/, expected: /non-empty/ }],
  "an id with half a character": [
    ({ taste }) => taste.rate("\ud800", 4),
    "invalid-argument",
    { place: /item/, expected: /Unicode/ },
  ],
  "an id that is too long": [
    ({ taste }) => taste.rate("x".repeat(1_025), 4),
    "invalid-argument",
    { place: /item/, expected: /1,?024/ },
  ],
  "a time that is no number": [
    ({ taste }) => taste.rate("f1", 4, { at: Number.POSITIVE_INFINITY }),
    "invalid-argument",
    { place: /at/, expected: /number/ },
  ],
  "more than all of a film": [
    ({ taste }) => taste.rate("f1", 4, { completion: 1.5 }),
    "invalid-argument",
    { place: /completion/, expected: /0.*1/ },
  ],
  "an item nobody knows": [({ taste }) => taste.explain("no such film"), "unknown-item", { place: /item/, hint: /./ }],
  "similar to what nobody knows": [
    ({ taste }) => taste.similar("no such film"),
    "unknown-item",
    { place: /item/, hint: /./ },
  ],
  "a list of length 0": [
    ({ taste }) => taste.recommend({ k: 0 }),
    "invalid-argument",
    { place: /k$/, expected: /1.*1,?000/ },
  ],
  "a list of length -1": [
    ({ taste }) => taste.recommend({ k: -1 }),
    "invalid-argument",
    { place: /k$/, expected: /1.*1,?000/ },
  ],
  "a list of length 2.5": [
    ({ taste }) => taste.recommend({ k: 2.5 }),
    "invalid-argument",
    { place: /k$/, expected: /1.*1,?000/ },
  ],
  'a list of length "10"': [
    ({ taste }) => taste.recommend({ k: "10" as never }),
    "invalid-argument",
    { place: /k$|recommend/ },
  ],
  "a list of length NaN": [
    ({ taste }) => taste.recommend({ k: Number.NaN }),
    "invalid-argument",
    { place: /k$/, expected: /finite/ },
  ],
  "a model nobody knows": [
    ({ taste }) => taste.train({ model: "oracle" as never }).done,
    "invalid-argument",
    { place: /model/, expected: /popularity/ },
  ],
  "0 factors": [
    ({ taste }) => taste.train({ model: "matrix-factorization", params: { factors: 0 } }).done,
    "invalid-argument",
    { place: /factors/, expected: /1.*512/ },
  ],
  "a learning rate of 0": [
    ({ taste }) => taste.train({ model: "matrix-factorization", params: { learningRate: 0 } }).done,
    "invalid-argument",
    { place: /learningRate/, expected: /0.*1/ },
  ],
  "a negative seed": [
    ({ taste }) => taste.train({ model: "popularity", seed: -1 }).done,
    "invalid-argument",
    { place: /seed/, expected: /0/ },
  ],
  "a version nobody knows": [
    ({ taste }) => taste.models.activate("nope"),
    "unknown-version",
    { place: /id/, expected: /[0-9a-f]{12}/ },
  ],
  "a context that is none": [
    ({ taste }) => taste.rate("f1", 4, { context: 5 as never }),
    "invalid-argument",
    { place: /context|feedback/ },
  ],
  "a mood that is a number": [
    ({ taste }) => taste.rate("f1", 4, { context: { mood: 5 as never } }),
    "invalid-argument",
    { place: /context|feedback/ },
  ],
  "a function among the data": [
    ({ taste }) => taste.rate("f1", 4, { context: { mood: (() => "") as never } }),
    "invalid-argument",
    { place: /context\.mood/, expected: /plain/ },
  ],
  "a Proxy that answers strangely": [
    ({ taste }) =>
      taste.recommend(
        new Proxy(
          {},
          {
            ownKeys: () => ["k"],
            getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }),
            get: () => () => 1,
          },
        ),
      ),
    "invalid-argument",
    { place: /recommend\.k/, expected: /plain/ },
  ],
  "a Proxy around columns": [
    ({ taste, community }) =>
      taste.addInteractions(
        new Proxy(community(5, 5, 20), {
          get: (o, key) => (key === "users" ? new Proxy(o.users, {}) : o[key as never]),
        }),
      ),
    "invalid-argument",
    { place: /users|addInteractions/ },
  ],
  "columns of other lengths": [
    ({ taste, community }) => taste.addInteractions({ ...community(5, 5, 20), ratings: new Float32Array(19) }),
    "invalid-argument",
    { place: /./, expected: /./ },
  ],
  "columns that point nowhere": [
    ({ taste, community }) => taste.addInteractions({ ...community(5, 5, 20), items: new Uint32Array(20).fill(5) }),
    "invalid-argument",
    { place: /items/, expected: /./ },
  ],
  "a detached buffer": [
    ({ taste, community }) => {
      const columns = community(5, 5, 20);
      structuredClone(null, { transfer: [columns.ratings.buffer] });
      return taste.addInteractions(columns);
    },
    "invalid-argument",
    { place: /addInteractions|ratings/, hint: /transferred/ },
  ],
  "a pack of noise": [
    ({ Tasteprint, bytes }) => Tasteprint.open({ name: "noise", persistence: "memory", pack: bytes(5_000, 7) }),
    "model-format",
    { place: /./ },
  ],
  "a catalog with a number for an id": [
    ({ taste }) => taste.setCatalog([{ id: 1 as never, title: "One" }]),
    "invalid-argument",
    { place: /catalog\[0\]\.id/, expected: /string/ },
  ],
  "the same item twice in a catalog": [
    ({ taste }) =>
      taste.setCatalog([
        { id: "a", title: "A" },
        { id: "a", title: "B" },
      ]),
    "invalid-argument",
    { place: /catalog\[1\]/, expected: /./ },
  ],
};

const world = { name: "input", persistence: "memory" } as const;

/** Everything a refused call may not change. */
const look = async ({ taste }: Harness) => ({
  state: await taste.stateHash(),
  feedback: await taste.feedback(),
  versions: await taste.models.list(),
  list: await taste.recommend({ k: 5 }),
  data: await taste.data(),
  catalog: (await taste.items({ limit: 0 })).total,
  training: (await taste.status()).training,
});

const wellSaid = (error: Caught, code: string, says: Says) => {
  expect(error).toMatchObject({ ours: true, name: "TasteprintError", code });
  const { message, ...details } = says;
  for (const [part, pattern] of Object.entries(details)) expect(error.details[part as "place"], part).toMatch(pattern);
  if (message) expect(error.message).toMatch(message);
  // One sentence for people that holds the parts.
  expect(error.message.length).toBeGreaterThan(20);
  if (error.details.place) expect(error.message).toContain(error.details.place);
};

describe.each(BROWSERS)("%s", (name) => {
  const here = inBrowser(name);

  beforeAll(async () => {
    const { run } = await here.fresh();
    await run(async (h, world) => {
      const taste = await h.openSmall(world, true);
      await taste.rate("f1", 5);
    }, world);
  });

  test.each(Object.entries(REFUSED))("refuses %s", async (_, [attempt, code, says]) => {
    const before = await here.run(look);
    // The attempt travels as text, as everything that runs in the page does.
    const source = `(h) => h.caught(() => (${attempt.toString()})(h))`;
    const error = (await here.session.call("window.harness, ", source, [])) as Caught;
    wellSaid(error, code, says);
    expect(await here.run(look)).toEqual(before);
  });

  test("refuses a pack with one byte wrong, or cut off", async () => {
    const errors = await here.run(async ({ taste, caught, Tasteprint }) => {
      const pack = await taste.exportPack();
      const opened = (bytes: Uint8Array) =>
        caught(() => Tasteprint.open({ name: "bad", persistence: "memory", pack: bytes }));
      const flipped = pack.slice();
      const middle = Math.floor(pack.length * 0.8);
      flipped[middle] = (flipped[middle] as number) ^ 1;
      const good = await Tasteprint.open({ name: "good", persistence: "memory", pack });
      const [version] = await good.models.list();
      await good.close();
      return { flipped: await opened(flipped), cut: await opened(pack.slice(0, -1)), source: version?.source };
    });
    expect(errors.source).toBe("pack");
    wellSaid(errors.flipped, "model-format", {});
    wellSaid(errors.cut, "model-format", {});
  });

  test("after close() everything is refused with `closed`, but for the status", async () => {
    const seen = await here.run(async ({ Tasteprint, caught, films }) => {
      const taste = await Tasteprint.open({ name: "shut", persistence: "memory", catalog: films(5) });
      const training = taste.train({ model: "popularity" }).done.catch((error) => error.code);
      await taste.close();
      await taste.close();
      const calls = [
        () => taste.rate("f1", 4),
        () => taste.recommend(),
        () => taste.train({ model: "popularity" }).done,
        () => taste.models.list(),
        () => taste.exportAll(),
        () => taste.forget("everything"),
      ];
      const codes = await Promise.all(calls.map(async (call) => (await caught(call)).code));
      return { codes, training: await training, status: await taste.status() };
    });
    expect(new Set(seen.codes)).toEqual(new Set(["closed"]));
    expect(seen.status).toMatchObject({ open: false, persistence: "none" });
  });

  test("a second training is refused while one is under way", async () => {
    const before = await here.run(look);
    const seen = await here.run(async ({ taste, caught }) => {
      const options = { model: "matrix-factorization", params: { factors: 64, epochs: 500 }, patience: 0 } as const;
      const first = taste.train(options);
      const second = await caught(() => taste.train(options).done);
      const other = await caught(() => taste.importRatings([{ name: "ratings.csv", bytes: new Uint8Array(10) }]).done);
      first.abort();
      return { second, other, first: await caught(() => first.done) };
    });
    wellSaid(seen.second, "busy", { hint: /./ });
    wellSaid(seen.other, "busy", { hint: /./ });
    expect(seen.first.name).toBe("AbortError");
    expect(await here.run(look)).toEqual(before);
  });
});
