/** The library in every browser, under the project's policy: once the page is loaded, nothing else is. */
import { describe, expect, test } from "vitest";
import { BROWSERS } from "./lib/browsers.ts";
import { inBrowser, openHarness } from "./lib/page.ts";

describe.each(BROWSERS)("%s", (name) => {
  const here = inBrowser(name);

  test("rates, recommends, explains and trains with the server stopped", async () => {
    const { run, site } = await here.fresh();
    await run((h) => h.openSmall({ name: "offline" }).then(() => {}));
    await site.stop();
    const seen = await run(async ({ taste, violations, events }) => {
      const before = await taste.recommend({ k: 5 });
      const training = taste.train({ model: "matrix-factorization", params: { factors: 8, epochs: 6 }, seed: 7 });
      const fractions: number[] = [];
      for await (const { fraction } of training) fractions.push(fraction);
      const version = await training.done;
      const liked = ["f1", "f5", "f9"];
      for (const item of liked) await taste.rate(item, 5);
      for (const item of ["f2", "f6"]) await taste.rate(item, 0.5);
      const after = await taste.recommend({ k: 5, explain: true });
      const why = await taste.explain(after[0]?.item as string);
      const status = await taste.status();
      return {
        before,
        fractions,
        version,
        after,
        why,
        status,
        violations,
        crashes: events.filter((e) => e.type === "crash"),
      };
    });
    expect(seen.violations).toEqual([]);
    expect(seen.crashes).toEqual([]);
    expect(seen.status).toMatchObject({ open: true, worker: true, persistence: "indexeddb", incidents: [] });

    expect(seen.fractions.length).toBeGreaterThan(3);
    expect(seen.fractions).toEqual([...seen.fractions].sort((a, b) => a - b));
    expect(seen.version).toMatchObject({ trained: true, active: true, seed: 7, data: { ratings: 1080, users: 60 } });

    expect(seen.before.map(({ item }) => item)).not.toEqual(seen.after.map(({ item }) => item));
    for (const row of seen.after) {
      expect(row.tier).toBe("personal");
      expect(row.reasons?.map(({ text }) => text).every((text) => text.length > 10)).toBe(true);
      expect(row.reasons?.length).toBeGreaterThan(0);
    }
    const { why } = seen;
    const sum = why.contributions.reduce((all, { contribution }) => all + contribution, why.baseline + why.nudge);
    expect(sum).toBeCloseTo(why.raw, 5);
    expect(why.contributions.map(({ item }) => item).sort()).toEqual(["f1", "f2", "f5", "f6", "f9"]);
  });

  test("after a reload everything is as it was", async () => {
    const { run, session, site } = await here.fresh();
    const look = () =>
      run(async ({ taste }) => ({
        list: await taste.recommend({ k: 8, explain: true }),
        ratings: await taste.ratings(),
        feedback: await taste.feedback(),
        versions: await taste.models.list(),
        state: await taste.stateHash(),
        data: await taste.data(),
      }));
    await run(async (h) => {
      const taste = await h.openSmall({ name: "kept" }, true);
      for (const [item, stars] of [
        ["f1", 5],
        ["f2", 1],
        ["f5", 4.5],
      ] as const)
        await taste.rate(item, stars, { context: { mood: "funny" } });
      await taste.rate("f2", null);
      await taste.record({ item: "f7", type: "hide" });
      await taste.train({ model: "popularity" }).done;
      await taste.models.rollback();
    });
    const before = await look();
    expect(before.ratings.map(({ item }) => item)).toEqual(["f5", "f1"]);
    expect(before.versions.map(({ model, active }) => [model, active])).toEqual([
      ["matrix-factorization", true],
      ["popularity", false],
    ]);
    await openHarness(session, site);
    await run((h) => h.open({ name: "kept", catalog: h.films(40) }).then(() => {}));
    expect(await look()).toEqual(before);
  });
});
