/** Fault 29, erasure: afterwards everything is as if it had never been said. */
import { describe, expect, test } from "vitest";
import { BROWSERS } from "./lib/browsers.ts";
import { inBrowser, openHarness } from "./lib/page.ts";

describe.each(BROWSERS)("%s", (name) => {
  const here = inBrowser(name);

  test("fault 29, forgetting an item or a profile equals never having seen it", async () => {
    const { run } = await here.fresh();
    const seen = await run(async (h) => {
      const world = (name: string) => h.openSmall({ name }, true);
      const common = async (taste: typeof h.taste) => {
        await taste.rate("f1", 5, { at: 1_700_000_000_000 });
        await taste.rate("f2", 1, { at: 1_700_000_001_000 });
        await taste.rate("f5", 4, { at: 1_700_000_002_000, profile: "guest" });
      };
      const clean = await world("clean");
      await common(clean);
      const never = [await clean.stateHash(), await clean.recommend({ k: 10 })];

      const taste = await world("forgetful");
      await taste.rate("f9", 5, { at: 1_600_000_000_000 });
      await common(taste);
      await taste.rate("f9", 2);
      await taste.record({ item: "f9", type: "hide" });
      await taste.record({ item: "f3", type: "watch", completion: 1, profile: "child" });
      const knowing = await taste.stateHash();
      const item = await taste.forget({ item: "f9" });
      const between = await taste.stateHash();
      const profile = await taste.forget({ profile: "child" });
      const forgotten = [await taste.stateHash(), await taste.recommend({ k: 10 })];
      const none = await taste.forget({ item: "f9", profile: "nobody" });
      return { never, knowing, item, between, profile, forgotten, none };
    });
    const [hash, list] = seen.never as [string, { item: string; score: number }[]];
    const [forgottenHash, forgottenList] = seen.forgotten as typeof seen.never as [string, typeof list];
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(seen.knowing).not.toBe(hash);
    expect(seen.between).not.toBe(hash);
    expect(forgottenHash).toBe(hash);
    // Every bit of every score; only the version's own id differs between the two worlds.
    expect(forgottenList.map(({ item, score }) => [item, score])).toEqual(list.map(({ item, score }) => [item, score]));
    expect([seen.item.removed, seen.profile.removed, seen.none.removed]).toEqual([3, 1, 0]);
  });

  test("fault 29, models that learned from what is forgotten go with it", async () => {
    const { run } = await here.fresh();
    const seen = await run(async (h) => {
      const taste = await h.open({ name: "own", catalog: h.films(40) });
      const roll = h.dice(3);
      for (let user = 0; user < 6; user++)
        for (let i = 0; i < 8; i++)
          await taste.rate(`f${(user * 5 + i * 3) % 40}`, 1 + roll(9) / 2, { profile: `u${user}` });
      const version = await taste.train({ model: "popularity" }).done;
      const before = await taste.models.list();
      const answer = await taste.forget({ profile: "u1" });
      return { version, before, answer, after: await taste.models.list(), list: await taste.recommend({ k: 3 }) };
    });
    expect(seen.version.trained).toBe(true);
    expect(seen.answer).toEqual({ removed: 8, versions: [seen.before[0]?.id] });
    expect(seen.after).toEqual([]);
    expect(seen.list).toHaveLength(3);
  });

  test("fault 29, forgetting everything leaves no record", async () => {
    const { run, session, site } = await here.fresh();
    const seen = await run(async (h) => {
      const clean = await h.open({ name: "empty", catalog: h.films(40) });
      const never = [await clean.stateHash(), await clean.recommend({ k: 5 })];
      const taste = await h.openSmall({ name: "full" }, true);
      await taste.rate("f1", 5);
      const before = await h.counts("full");
      const { removed, versions } = await taste.forget("everything");
      const after = await h.counts("full");
      const forgotten = [await taste.stateHash(), await taste.recommend({ k: 5 })];
      const { active, events, ratings } = await taste.status();
      const left = [await taste.models.list(), await taste.feedback(), await taste.data()];
      return { never, before, removed, versions, after, forgotten, left, active, events, ratings };
    });
    expect(seen.before).toMatchObject({ events: 1 });
    expect(seen.removed).toBe(Object.values(seen.before).reduce((sum, n) => sum + n, 0));
    expect(seen.versions).toHaveLength(1);
    expect(seen.after).toEqual({ events: 0, chunks: 0, manifests: 0, meta: 0 });
    expect(seen.forgotten).toEqual(seen.never);
    expect(seen).toMatchObject({ left: [[], [], null], active: null, events: 0, ratings: 0 });
    await openHarness(session, site);
    const reopened = await run(async (h) => {
      const taste = await h.open({ name: "full", catalog: h.films(40) });
      return [await taste.stateHash(), await taste.recommend({ k: 5 }), await h.counts("full")];
    });
    expect(reopened).toEqual([...seen.never, seen.after]);
  });
});
