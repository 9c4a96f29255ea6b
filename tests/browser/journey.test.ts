/** The journey of a visitor through the built page, under the project's policy, in every browser. */
import { describe, expect, test } from "vitest";
import { BROWSERS } from "./lib/browsers.ts";
import { type FilmPage, visits } from "./lib/film-page.ts";
import { inBrowser } from "./lib/page.ts";

describe.each(BROWSERS)("%s", (name) => {
  const here = inBrowser(name);
  const begin = visits(here);

  /** Searches and rates five films. */
  const rateFive = async (page: FilmPage) => {
    await page.tab("rate");
    const rated: [string, number][] = [];
    for (const [words, stars] of [
      ["alien", 5],
      ["blade runner", 4.5],
      ["terminator", 5],
      ["notting hill", 1],
      ["pretty woman", 0.5],
    ] as const) {
      const [first] = await page.search(words);
      if (!first) throw new Error(`nothing is found for ${words}`);
      await page.rate(first, stars);
      rated.push([first, stars]);
    }
    return rated;
  };

  test("journey: search, rate, reasons, train, versions, rollback, reload", async () => {
    const page = await begin();
    const before = await page.suggestions();
    const rated = await rateFive(page);
    const after = await page.suggestions();
    expect(after.map(({ item }) => item)).not.toEqual(before.map(({ item }) => item));
    for (const [item] of rated) expect(after.map((card) => card.item)).not.toContain(item);
    for (const { score } of after) expect(score).toMatch(/\d/);
    const why = await page.why();
    expect(why.reasons.length).toBeGreaterThan(20);
    expect([...why.contributions].sort()).toEqual(rated.map(([item]) => item).sort());

    await page.simulate();
    expect(await here.session.text('[data-testid="data-ratings"]')).toMatch(/^100\D?000$/);
    const packOnly = await page.versions();
    const training = await page.train();
    expect(training).toMatchObject({ trained: true, version: expect.stringMatching(/^[0-9a-f]{12}$/) });
    expect(Math.max(...training.shares) - Math.min(...training.shares)).toBeGreaterThan(0.3);
    expect(training.shares).toEqual([...training.shares].sort((a, b) => a - b));
    const versions = await page.versions();
    expect(versions.length).toBe(packOnly.length + 1);
    expect(versions.filter(({ active }) => active).map(({ version }) => version)).toEqual([training.version]);

    await here.session.click('[data-testid="rollback-button"]');
    await page.until(
      "the version before serves",
      (version) => !!document.querySelector(`[data-version="${version}"] [data-testid="activate-button"]`),
      training.version,
    );
    expect((await page.versions()).filter(({ active }) => active)).toEqual(packOnly.filter(({ active }) => active));
    const rolledBack = await page.suggestions();
    expect(rolledBack.map(({ item, score }) => [item, score])).toEqual(after.map(({ item, score }) => [item, score]));

    await page.open();
    const reloaded = await page.suggestions();
    expect(reloaded).toEqual(rolledBack);
    await page.tab("rate");
    await page.until("the ratings are listed", () => document.querySelectorAll('[data-testid="my-rating"]').length > 0);
    const stars = await here.session.evaluate(() =>
      [...document.querySelectorAll('[data-testid="my-rating"] [data-testid="rate-stars"]')].map((found) => [
        found.getAttribute("data-item"),
        Number(found.getAttribute("data-value")),
      ]),
    );
    expect(stars).toEqual([...rated].reverse());
    await page.tab("privacy");
    await page.until("storage is named", () =>
      Boolean(document.querySelector('[data-testid="status-persistence"]')?.textContent?.includes("IndexedDB")),
    );
    expect(await page.failures()).toEqual([]);
  });

  test("journey with the server stopped after the page has loaded", async () => {
    const page = await begin();
    await page.simulate();
    await page.site.stop();
    const before = await page.suggestions();
    const rated = await rateFive(page);
    const after = await page.suggestions();
    expect(after.map(({ item }) => item)).not.toEqual(before.map(({ item }) => item));
    expect((await page.why()).contributions).toHaveLength(rated.length);
    const { trained, version } = await page.train();
    expect(trained).toBe(true);
    expect((await page.versions()).filter(({ active }) => active)).toEqual([{ version, active: true }]);
    expect(await page.suggestions()).toHaveLength(after.length);
    expect(await page.failures()).toEqual([]);
  });
});
