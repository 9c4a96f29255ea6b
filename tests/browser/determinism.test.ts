/** Fault 30, cross-engine determinism: the same ratings and seed give the same bytes everywhere. */
import { readFileSync } from "node:fs";
import { Tasteprint, type TrainOptions } from "tasteprint";
import { beforeAll, describe, expect, test } from "vitest";
import { BROWSERS } from "./lib/browsers.ts";
import { inBrowser } from "./lib/page.ts";
import { community, films } from "./page/world.ts";

/** Every way through the training that uses numbers differently. */
const TRAININGS: Record<string, TrainOptions> = {
  "matrix-factorization": { model: "matrix-factorization", params: { factors: 16, epochs: 12 }, seed: 2024 },
  "all its parameters": {
    model: "matrix-factorization",
    params: {
      factors: 33,
      epochs: 7,
      learningRate: 0.013,
      regularization: 0.07,
      biasRegularization: 0.3,
      learningRateDecay: 0.9,
      initScale: 0.37,
    },
    validation: { split: "time", fraction: 0.2 },
    patience: 0,
    seed: 2 ** 53 - 1,
  },
  "leave-last": { model: "matrix-factorization", params: { factors: 5 }, validation: { split: "leave-last" }, seed: 0 },
  popularity: { model: "popularity", validation: { split: "none" }, seed: 1 },
};

/** Reached natively from Rust; what it stands for is written there. */
const golden = JSON.parse(readFileSync(new URL("../golden/matrix-factorization.json", import.meta.url), "utf8")) as {
  hash: string;
  served: { items: string[]; scores: string[]; raw: string };
};

interface Trained {
  hash: string;
  metrics: unknown;
  history: unknown;
  list: unknown;
  state: string;
}

/** What Node makes of it, which is what the browsers are compared with. */
const expected: Record<string, Trained> = {};
beforeAll(async () => {
  const taste = await Tasteprint.open({ name: "node", persistence: "memory", catalog: films(150) });
  await taste.addInteractions(community(120, 150, 6_000));
  await taste.rate("f1", 5, { at: 1_700_000_000_000 });
  await taste.rate("f2", 1, { at: 1_700_000_001_000 });
  for (const [name, options] of Object.entries(TRAININGS)) {
    const version = await taste.train(options).done;
    if (!version.trained) throw new Error(version.message);
    const list = (await taste.recommend({ k: 20 })).map(({ source: _, ...row }) => row);
    const { hash, metrics, history } = version;
    expected[name] = { hash, metrics, history, list, state: await taste.stateHash() };
  }
  await taste.close();
});

test("fault 30, the trainings differ from each other", () => {
  expect(new Set(Object.values(expected).map(({ hash }) => hash)).size).toBe(Object.keys(TRAININGS).length);
  for (const { hash } of Object.values(expected)) expect(hash).toMatch(/^[0-9a-f]{64}$/);
});

describe.each(BROWSERS)("%s", (name) => {
  const here = inBrowser(name);
  beforeAll(async () => {
    await here.fresh();
    await here.run(async (h) => {
      const taste = await h.open({ name: "here", persistence: "memory", catalog: h.films(150) });
      await taste.addInteractions(h.community(120, 150, 6_000));
      await taste.rate("f1", 5, { at: 1_700_000_000_000 });
      await taste.rate("f2", 1, { at: 1_700_000_001_000 });
    });
  });

  test.each(Object.keys(TRAININGS))("fault 30, cross-engine determinism: %s", async (training) => {
    const made = await here.run(async ({ taste }, options) => {
      const version = await taste.train(options).done;
      if (!version.trained) throw new Error(version.message);
      const list = (await taste.recommend({ k: 20 })).map(({ source: _, ...row }) => row);
      const { hash, metrics, history } = version;
      return { hash, metrics, history, list, state: await taste.stateHash() };
    }, TRAININGS[training] as TrainOptions);
    // Through JSON as the page's answer came: what is absent there is absent here.
    expect(made).toEqual(JSON.parse(JSON.stringify(expected[training])));
  });

  test("fault 30, cross-engine determinism: the golden model, as native Rust makes it", async () => {
    const made = await here.run(async (h) => {
      const taste = await h.open({ name: "golden", persistence: "memory" });
      await taste.addInteractions(await h.goldenCommunity());
      const version = await taste.train({
        model: "matrix-factorization",
        params: { factors: 16, epochs: 10 },
        seed: 7,
        validation: { split: "none" },
        patience: 0,
      }).done;
      await taste.rate("i1", 5);
      await taste.rate("i2", 0.5);
      await taste.rate("i30", 4);
      const list = await taste.recommend({ k: 8 });
      // Every bit of a number, as Rust writes it.
      const bits = (value: number) => {
        const view = new DataView(new ArrayBuffer(8));
        view.setFloat64(0, value);
        return view.getBigUint64(0).toString(16).padStart(16, "0");
      };
      const { raw } = await taste.explain("i1");
      return {
        hash: version.trained && version.hash,
        served: { items: list.map(({ item }) => item), scores: list.map(({ score }) => bits(score)), raw: bits(raw) },
      };
    });
    expect(made).toEqual({ hash: golden.hash, served: golden.served });
  });
});
