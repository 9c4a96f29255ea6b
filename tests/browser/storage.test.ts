/** Faults of storage that need no killed process. Numbers and names are those of the project's list of faults. */
import { describe, expect, test } from "vitest";
import { BROWSERS } from "./lib/browsers.ts";
import { inBrowser, openHarness } from "./lib/page.ts";

describe("chromium", () => {
  const here = inBrowser("chromium");

  test("fault 4, quota during event append", async () => {
    const { run, session, site } = await here.fresh();
    // Before the origin's first write: Chromium remembers the room that is left for half a minute.
    await session.cdp("Storage.overrideQuotaForOrigin", { origin: site.origin, quotaSize: 1_000_000 });
    const seen = await run(async (h) => {
      const taste = await h.openSmall({ name: "quota" }, true);
      const acknowledged: string[] = [];
      let error: unknown;
      for (let i = 0; i < 5_000 && !error; i++) {
        // As long as an id may be, so that the room is soon used up.
        const item = `${i}-`.padEnd(1_000, "x");
        try {
          await taste.rate(item, 4);
          acknowledged.push(item);
        } catch (thrown) {
          error = await h.caught(() => Promise.reject(thrown));
        }
      }
      const log = (await taste.feedback()).map(({ item }) => item);
      const state = await taste.stateHash();
      const list = await taste.recommend({ k: 5 });
      const { persistence } = await taste.status();
      return {
        error,
        missing: acknowledged.filter((i) => !log.includes(i)).length,
        log: log.length,
        acknowledged: acknowledged.length,
        list,
        persistence,
        state,
      };
    });
    expect(seen.error).toMatchObject({ ours: true, code: "storage-quota", retryable: true });
    expect(seen.acknowledged).toBeGreaterThan(50);
    expect(seen).toMatchObject({ missing: 0, log: seen.acknowledged, persistence: "indexeddb" });
    expect(seen.list).toHaveLength(5);

    await session.cdp("Storage.overrideQuotaForOrigin", { origin: site.origin, quotaSize: 100_000_000 });
    const again = await run(async (h) => {
      const { taste } = h;
      const pruned = await taste.forget({ item: "0-".padEnd(1_000, "x") });
      // The room that is left is asked for anew only after a while.
      const receipt = await h.until(() => taste.rate("f1", 5).catch(() => undefined), 45_000);
      return { pruned, receipt, log: (await taste.feedback()).length };
    });
    expect(again.pruned.removed).toBe(1);
    expect(again.receipt).toMatchObject({ item: "f1", rating: 5 });
    expect(again.log).toBe(seen.log);
  });

  test("fault 5, quota while chunks are being written", async () => {
    const { run, session, site } = await here.fresh();
    await session.cdp("Storage.overrideQuotaForOrigin", { origin: site.origin, quotaSize: 3_000_000 });
    const seen = await run(async (h) => {
      const taste = await h.openSmall({ name: "quota" }, true);
      await taste.rate("f1", 5);
      await taste.setCatalog(h.films(4_000));
      const look = async () => ({
        state: await taste.stateHash(),
        versions: await taste.models.list(),
        list: await taste.recommend({ k: 5 }),
        data: (await taste.data())?.ratings,
      });
      const before = await look();
      const data = await h.caught(() => taste.addInteractions(h.community(4_000, 4_000, 800_000)));
      const after = await look();
      return { before, data, after, slots: await h.slots("quota") };
    });
    expect(seen.data).toMatchObject({ ours: true, code: "storage-quota" });
    expect(seen.after).toEqual(seen.before);
    expect(seen.slots.every(({ whole }) => whole)).toBe(true);
  });
});

describe.each(BROWSERS)("%s", (name) => {
  const here = inBrowser(name);

  test("fault 7, older code, newer database", async () => {
    const { run } = await here.fresh();
    const seen = await run(async (h) => {
      const first = await h.openSmall({ name: "newer" }, true);
      await first.rate("f1", 5);
      await first.close();
      await new Promise((resolve, reject) => {
        const request = indexedDB.open(`${h.PREFIX}newer`, 7);
        request.onupgradeneeded = () => request.result.createObjectStore("of-the-future");
        request.onerror = reject;
        request.onsuccess = () => resolve(request.result.close());
      });
      const before = await h.counts("newer");
      const taste = await h.openSmall({ name: "newer" });
      await taste.rate("f2", 1);
      const list = await taste.recommend({ k: 3 });
      const { persistence, incidents } = await taste.status();
      await taste.forget("everything");
      await taste.close();
      const version = await h.database("newer", (db) => db.version);
      return {
        persistence,
        codes: incidents.map(({ code }) => code),
        list,
        before,
        after: await h.counts("newer"),
        version,
      };
    });
    expect(seen).toMatchObject({ persistence: "memory", version: 7 });
    expect(seen.codes).toContain("storage-version");
    expect(seen.list).toHaveLength(3);
    expect(seen.before).toMatchObject({ events: 1, "of-the-future": 0 });
    expect(seen.after).toEqual(seen.before);
  });

  test("without any model left there are still lists, and the next opening works", async () => {
    const { run } = await here.fresh();
    const seen = await run(async (h) => {
      const taste = await h.openSmall({ name: "last" }, true);
      await taste.rate("f1", 5);
      const [only] = await taste.models.list();
      await taste.models.remove(only?.id as string);
      const removed = [await taste.models.list(), await taste.recommend({ k: 3 }), (await taste.status()).active];
      await taste.close();
      const again = await h.openSmall({ name: "last" });
      return {
        removed,
        reopened: [await again.models.list(), await again.recommend({ k: 3 }), (await again.status()).active],
      };
    });
    expect(seen.removed).toEqual([[], [expect.anything(), expect.anything(), expect.anything()], null]);
    expect(seen.reopened).toEqual(seen.removed);
  });

  /** What is found after `damage` was done to a database with two trained models and an active one. */
  async function damaged(kind: "model-chunk" | "model-manifest" | "data-chunk" | "data-generation" | "all-models") {
    const { run, session, site } = await here.fresh();
    const before = await run(async (h, kind) => {
      const taste = await h.openSmall({ name: "flip" }, true);
      await taste.rate("f1", 5);
      // The slot of the data gets a second generation.
      if (kind === "data-generation") await taste.addInteractions(h.community(60, 40, 1201));
      const second = await taste.train({ model: "matrix-factorization", params: { factors: 4, epochs: 3 } }).done;
      const versions = await taste.models.list();
      await taste.close();
      const slots = versions.map(({ id }) => `model:${id}`);
      const newest = slots.at(-1) as string;
      if (kind === "model-chunk") await h.flipChunk("flip", newest);
      if (kind === "model-manifest") await h.changeManifest("flip", newest, { bytes: 17 });
      if (kind === "all-models") for (const slot of slots) await h.flipChunk("flip", slot, 0.9);
      if (kind.startsWith("data")) await h.flipChunk("flip", "data", 0.7);
      return { versions, active: second.trained && second.id };
    }, kind);
    await openHarness(session, site);
    const after = await run(async (h) => {
      const taste = await h.open({ name: "flip", catalog: h.films(40) });
      const { incidents, active } = await taste.status();
      const [versions, feedback] = [await taste.models.list(), await taste.feedback()];
      const list = await taste.recommend({ k: 3 });
      const data = await taste.data();
      const training = await taste.train({ model: "popularity" }).done;
      return { incidents, active, versions, feedback, list, ratings: data?.ratings ?? 0, training };
    });
    return { before, after };
  }

  test.each(["model-chunk", "model-manifest"] as const)(
    "fault 21, one byte wrong in the active model: %s",
    async (kind) => {
      const { before, after } = await damaged(kind);
      const [first, second] = before.versions;
      expect(before.active).toBe(second?.id);
      expect(after.active).toBe(first?.id);
      expect(after.list.map(({ tier, source }) => [tier, source])).toEqual(Array(3).fill(["personal", first?.id]));
      expect(after.incidents.map(({ code }) => code)).toContain("storage-corrupt");
      expect(after.incidents.map(({ message }) => message).join()).toContain(second?.id);
      expect(after.feedback).toMatchObject([{ item: "f1", rating: 5, seq: 1 }]);
      expect(after.training.trained).toBe(true);
    },
  );

  test("fault 21, one byte wrong in every model", async () => {
    const { after } = await damaged("all-models");
    expect(after.active).toBe(null);
    expect(after.list).toHaveLength(3);
    expect(after.incidents.map(({ code }) => code)).toContain("storage-corrupt");
    expect(after.feedback).toHaveLength(1);
    expect(after.training.trained).toBe(true);
  });

  test("fault 21, one byte wrong in the data: the generation before is used", async () => {
    const { after } = await damaged("data-generation");
    expect(after.ratings).toBe(1200);
    expect(after.incidents.map(({ code }) => code)).toContain("storage-corrupt");
    expect(after.training.trained).toBe(true);
  });

  test("fault 21, one byte wrong in the only generation of the data", async () => {
    const { before, after } = await damaged("data-chunk");
    expect(after.ratings).toBe(0);
    expect(after.incidents.map(({ code }) => code)).toContain("storage-corrupt");
    expect(after.active).toBe(before.active);
    expect(after.feedback).toHaveLength(1);
  });

  test("fault 24, no IndexedDB", async () => {
    const { run } = await here.fresh();
    const seen = await run(async (h) => {
      Object.defineProperty(window, "indexedDB", { value: undefined, configurable: true });
      // On the page's own thread: a worker has an `indexedDB` of its own, out of reach from here.
      const taste = await h.openSmall({ name: "none", worker: false }, true);
      await taste.rate("f1", 5);
      const list = await taste.recommend({ k: 3 });
      return { list, status: await taste.status() };
    });
    expect(seen.status).toMatchObject({ persistence: "memory", events: 1, open: true });
    expect(seen.status.incidents.map(({ code }) => code)).toContain("storage-unavailable");
    expect(seen.list.map(({ tier }) => tier)).toEqual(["personal", "personal", "personal"]);
  });

  test("fault 24, sandboxed iframe", async () => {
    const { run, site } = await here.fresh();
    await run((_, origin) => {
      const frame = document.createElement("iframe");
      frame.sandbox.add("allow-scripts");
      frame.src = `${origin}/page/sandboxed.html`;
      document.body.append(frame);
    }, site.origin);
    const seen = (await site.noted(({ what }) => what === "sandboxed")) as {
      error?: string;
      status: { persistence: string; worker: boolean; incidents: { code: string }[] };
      list: unknown[];
    };
    expect(seen.error).toBeUndefined();
    expect(seen.status.persistence).toBe("memory");
    expect(seen.status.incidents.map(({ code }) => code)).toContain("storage-unavailable");
    expect(seen.list).toHaveLength(3);
  });
});
