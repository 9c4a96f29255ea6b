/** The same data and seed give the same bytes in Node, through the whole package, as natively and in browsers. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { InteractionColumns } from "../../src/shell/types.ts";

const here = (path: string) => new URL(`../../${path}`, import.meta.url);

/** Plain JavaScript without declarations, so that any runtime can use it as it is. */
const { community, generator } = (await import(here("tests/golden/community.mjs").href)) as {
  community: () => Required<Omit<InteractionColumns, "at" | "label">>;
  generator: (seed: number) => { next: () => bigint; below: (n: number) => number };
};

/** The package as it is published, not its sources. */
const { Tasteprint } = (await import(here("pkg/index.js").href)) as typeof import("../../src/shell/index.ts");

const golden = JSON.parse(readFileSync(here("tests/golden/matrix-factorization.json"), "utf8"));

/** As `request()` in tests/golden/mod.rs has it. */
const asked = {
  model: "matrix-factorization",
  params: { factors: 16, epochs: 10 },
  validation: { split: "none" },
  patience: 0,
  seed: 7,
} as const;

const opened = () => Tasteprint.open({ persistence: "memory", worker: false });

describe("the golden community", () => {
  test("draws the numbers the core draws", () => {
    // The first three of seed 897, frozen in src/ground/rng.rs.
    const { next } = generator(897);
    expect([next(), next(), next()]).toEqual([8808154456474974487n, 4906709770180300434n, 13155979884017752484n]);
  });

  test("is the one the golden model was trained on", () => {
    const { users, items, ratings } = community();
    const hash = createHash("sha256");
    for (const column of [users, items, ratings]) hash.update(new Uint8Array(column.buffer));
    expect(hash.digest("hex")).toBe(golden.columns);
  });
});

describe("the golden model", () => {
  test("has the same bytes here", async () => {
    const taste = await opened();
    try {
      const report = await taste.addInteractions(community());
      expect(report).toMatchObject({ ratings: 6000, users: 200, items: 100, dropped: [] });
      const trained = await taste.train(asked).done;
      expect(trained).toMatchObject({ trained: true, hash: golden.hash, data: { ratings: 6000 } });
    } finally {
      await taste.close();
    }
  });

  test("serves the same list here, to the last bit", async () => {
    const taste = await opened();
    try {
      await taste.addInteractions(community());
      await taste.train(asked).done;
      for (const [item, rating] of [
        ["i1", 5],
        ["i2", 0.5],
        ["i30", 4],
      ] as const)
        await taste.rate(item, rating);
      const list = await taste.recommend({ k: 8 });
      const bits = (x: number) => Buffer.from(Float64Array.of(x).buffer).reverse().toString("hex");
      expect(list.map(({ item }) => item)).toEqual(golden.served.items);
      expect(list.map(({ score }) => bits(score))).toEqual(golden.served.scores);
      expect(bits((await taste.explain("i1")).raw)).toBe(golden.served.raw);
    } finally {
      await taste.close();
    }
  });

  test("is another model with another seed", async () => {
    const taste = await opened();
    try {
      await taste.addInteractions(community());
      const trained = await taste.train({ ...asked, seed: 8 }).done;
      expect(trained.trained && trained.hash).not.toBe(golden.hash);
    } finally {
      await taste.close();
    }
  });
});
