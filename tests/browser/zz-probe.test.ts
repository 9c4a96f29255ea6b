import { describe, expect, test } from "vitest";
import { inBrowser } from "./lib/page.ts";
describe("x", () => {
  const here = inBrowser("chromium");
  test("p", async () => {
    const { run } = await here.fresh();
    const out = await run(async (h) => {
      const taste = await h.openSmall({ name: "x", persistence: "memory" }, true);
      const m = await h.open({ name: "y", worker: false, catalog: h.films(5), persistence: "memory" });
      const c = h.community(5, 5, 20);
      structuredClone(null, { transfer: [c.ratings.buffer] });
      const pack = await taste.exportPack();
      return [
        await h.caught(() => taste.recommend({ excludeSean: false } as object)),
        await h.caught(() => taste.models.activate("nope")),
        await h.caught(() => taste.addInteractions(c)),
        await h.caught(() => m.rate("f1", 99)),
        await h.caught(() => m.rate("f1", 99).finally(() => {})),
        await h.caught(() => taste.models.rollback()),
        await h.caught(() => taste.recommend({ k: 4000 })),
        await h.caught(() => taste.recommend({ items: [1] as never })),
        await h.caught(() => taste.explain("zzz")),
        await h.caught(() => taste.importRatings([{ name: "ratings.csv", bytes: new TextEncoder().encode("<!doctype html><html><body>Not found") }]).done),
        await h.caught(() => h.Tasteprint.open({ name: "noise", persistence: "memory", pack: pack.slice(0, -1) })),
        await h.caught(() => h.Tasteprint.open({ name: "noise", persistence: "memory", pack: pack.slice(0, 100) })),
        await h.caught(() => taste.rate("f1", 4, {at: Date.now() + 1e12})),
        await h.caught(() => taste.rate("f1", 4, {at: -5})),
        await h.caught(() => taste.rate("f1", 4, {context: 5 as never})).catch((e) => ({a: String(e)})),
        await h.caught(() => taste.record({ item: "f1", type: "watch", wouldWatchAgain: "yes" as never})),
      ].map((e) => JSON.stringify(e));
    });
    console.log(out.join("\n"));
    const o2 = await run(async (h) => h.taste.rate("f1", 4, {at: 1_700_000_000}));
    console.log(JSON.stringify(o2));
  });
});
