/**
 * Faults 1 to 3: the tab or the whole browser ends while it saves. Whatever was acknowledged before has to be there
 * afterwards, and the model that serves has to be whole. Where the end falls is drawn anew in each round.
 */
import { afterEach, describe, expect, test } from "vitest";
import { type Browser, launch } from "./lib/browsers.ts";
import { inPage, openHarness } from "./lib/page.ts";
import { type Site, serve } from "./lib/server.ts";
import type { Session } from "./lib/webdriver.ts";

const NAME = "crash";
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let browser: Browser | undefined;
let site: Site | undefined;
afterEach(async () => {
  await browser?.close();
  await site?.stop();
  [browser, site] = [undefined, undefined];
});

/** Has the page rate and train without end, and note each acknowledgement. */
async function keepSaving(session: Session): Promise<void> {
  await inPage(session)(async (h, name) => {
    const taste = await h.open({ name, catalog: h.films(4_000) });
    if (!(await taste.data())) await taste.addInteractions(h.community(200, 4_000, 20_000));
    const rating = async () => {
      for (let i = 0; ; i++) {
        const { seq, item, rating } = await taste.rate(`f${i % 4_000}`, 0.5 + (i % 10) / 2);
        h.note("rated", { seq, item, rating });
        await h.sleep(3);
      }
    };
    const training = async () => {
      for (let seed = 0; ; seed++) {
        // About 8 MB in two chunks, so that there is a middle to crash in.
        const run = taste.train({
          model: "matrix-factorization",
          params: { factors: 512, epochs: 1 },
          validation: { split: "none" },
          seed,
        });
        for await (const { phase } of run) if (phase === "saving") h.note("saving", seed);
        const version = await run.done;
        if (version.trained) h.note("trained", version.id);
        const old = (await taste.models.list()).filter(({ active }) => !active);
        // Enough for a rollback, and no more than the disk of a small machine holds.
        for (const { id } of old.slice(0, -2)) {
          h.note("removing", id);
          await taste.models.remove(id);
        }
      }
    };
    const ended = (error: unknown) => h.note("ended", String(error));
    rating().catch(ended);
    training().catch(ended);
  }, NAME);
}

/** What is stored after the crash, seen past the library and through it. */
async function check(session: Session, site: Site): Promise<void> {
  const acknowledged = (what: string) => site.notes.filter((note) => note.what === what).map(({ value }) => value);
  const found = await inPage(session)(async (h, name) => {
    const taste = await h.open({ name, catalog: h.films(4_000) });
    const [versions, log, status] = [await taste.models.list(), await taste.feedback(), await taste.status()];
    const list = await taste.recommend({ k: 5 });
    await taste.rate("f0", 3);
    // The registry names what the slots hold: hashes of the library and of the browser's own SHA-256 agree.
    const slots = (await h.slots(name)).map(({ slot, whole, hash }) => ({ slot, whole, hash }));
    await taste.close();
    const events = log.map(({ seq, item, rating }) => ({ seq, item, rating }));
    return { versions: versions.map(({ id, hash, active }) => ({ id, hash, active })), events, status, list, slots };
  }, NAME);
  expect(acknowledged("ended")).toEqual([]);
  expect(found.status).toMatchObject({ persistence: "indexeddb", incidents: [] });
  expect(found.slots.filter(({ whole }) => !whole)).toEqual([]);
  const hashes = new Map(found.slots.map(({ slot, hash }) => [slot, hash]));
  for (const { id, hash } of found.versions) expect(hashes.get(`model:${id}`)).toBe(hash);
  const { active } = found.status;
  // Until the first model is saved there is none, and the list is the catalog's.
  expect(found.versions.filter((v) => v.active).map(({ id }) => id)).toEqual(active === null ? [] : [active]);
  if (active === null) expect(acknowledged("trained")).toEqual([]);
  else expect(found.list.map(({ source, tier }) => `${source} ${tier}`)).toEqual(Array(5).fill(`${active} personal`));
  const missing = acknowledged("rated").filter(
    (row) => !found.events.some((event) => JSON.stringify(event) === JSON.stringify(row)),
  );
  expect(missing).toEqual([]);
  const removed = acknowledged("removing");
  const ids = found.versions.map(({ id }) => id);
  expect(acknowledged("trained").filter((id) => !ids.includes(id as string) && !removed.includes(id))).toEqual([]);
}

/** Lets the page come to its first or second save, and chooses a moment in or around it. */
async function untilMoment(site: Site, round: number): Promise<void> {
  const from = site.notes.length;
  const since = (wanted: string) => site.notes.slice(from).filter(({ what }) => what === wanted).length;
  await site.noted(() => since("saving") > round % 2 && since("rated") > 2);
  await sleep(Math.random() * 120);
}

test("fault 1, chromium: tab crash while saving, eight times", async () => {
  browser = await launch("chromium");
  site = await serve();
  const { session } = browser;
  const home = await session.handle();
  for (let round = 0; round < 8; round++) {
    const victim = await session.tab();
    await openHarness(session, site);
    await keepSaving(session);
    await untilMoment(site, round);
    // Never answered: whoever would answer is gone.
    session.cdp("Page.crash").catch(() => {});
    await sleep(150);
    await session.turnTo(home);
    await openHarness(session, site);
    await check(session, site);
    await session.turnTo(victim).then(
      () => session.delete("/window"),
      () => {},
    );
    await session.turnTo(home);
    await session.goto("about:blank");
  }
  const noted = (wanted: string) => site?.notes.filter(({ what }) => what === wanted).length ?? 0;
  expect(noted("rated")).toBeGreaterThan(30);
  // At least one save was cut off in the middle.
  expect(noted("saving")).toBeGreaterThan(noted("trained"));
});

describe.each(["chromium", "firefox"] as const)("%s", (name) => {
  test("fault 2, browser SIGKILL while saving, four times", async () => {
    site = await serve();
    browser = await launch(name);
    for (let round = 0; round < 4; round++) {
      await openHarness(browser.session, site);
      if (round > 0) await check(browser.session, site);
      if (round === 3) break;
      await keepSaving(browser.session);
      await untilMoment(site, round);
      await browser.kill();
      browser = await launch(name, browser.profile);
    }
  });

  test("fault 3, acknowledged event, then SIGKILL, three times", async () => {
    site = await serve();
    browser = await launch(name);
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round++) {
      await openHarness(browser.session, site);
      const { item } = await inPage(browser.session)(async (h, item) => {
        const taste = await h.openSmall({ name: "acknowledged" });
        return taste.rate(item, 4.5);
      }, `f${round}`);
      // The driver's answer is the acknowledgement; the kill follows in the same breath.
      await browser.kill();
      acknowledged.push(item);
      browser = await launch(name, browser.profile);
      await openHarness(browser.session, site);
      const log = await inPage(browser.session)(async (h) => {
        const taste = await h.openSmall({ name: "acknowledged" });
        const rows = await taste.feedback();
        await taste.close();
        return rows.map(({ item, rating }) => `${item} ${rating}`);
      });
      expect(log).toEqual(acknowledged.map((item) => `${item} 4.5`));
    }
  });
});
