/**
 * Real input: the files of ml-latest-small on the page, as its visitor drops them. They may not be shipped with the
 * project, so they lie in a folder named by TASTEPRINT_DATA; without them the tests are reported as skipped.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { BROWSERS } from "./lib/browsers.ts";
import { buildPage, FilmPage } from "./lib/film-page.ts";
import { inBrowser } from "./lib/page.ts";
import { root, serve } from "./lib/server.ts";

const folder = resolve(root, process.env.TASTEPRINT_DATA ?? "../shared/data", "ml-latest-small");
const files = ["ratings.csv", "movies.csv", "tags.csv"].map((file) => join(folder, file));
const missing = files.filter((file) => !existsSync(file));

beforeAll(buildPage);

describe.each(BROWSERS)("%s", (name) => {
  const here = inBrowser(name);

  test("real input: ml-latest-small is imported, trained on and recommended from", async ({ skip }) => {
    if (missing.length > 0) skip("ml-latest-small is not there; TASTEPRINT_DATA names the folder it lies in");
    const site = await serve();
    const page = new FilmPage(here.session, site);
    await page.open();
    await page.tab("data");
    const input = await here.session.element('[data-testid="file-input"]');
    await here.session.post(`/element/${input}/value`, { text: files.join("\n") });
    await page.until("the ratings are in", () =>
      Boolean(document.querySelector('[data-testid="data-ratings"]')?.textContent?.match(/100\D?836/)),
    );
    expect(await here.session.text('[data-testid="data-users"]')).toBe("610");
    expect(await here.session.text('[data-testid="data-items"]')).toMatch(/^9\D?724$/);

    const training = await page.train();
    expect(training.trained).toBe(true);
    // What matrix factorization is known to reach here on a random tenth is below 0.9; 1.0 would be nonsense.
    const figures = (training.text.match(/\d\.\d{2,4}/g) ?? []).map(Number);
    expect(figures.some((figure) => figure > 0.8 && figure < 0.9)).toBe(true);

    const before = await page.suggestions();
    await page.tab("rate");
    const rated: string[] = [];
    for (const [words, stars] of [
      ["Star Wars: Episode IV", 5],
      ["Empire Strikes Back", 5],
      ["Terminator 2", 4.5],
      ["Pretty Woman", 1],
      ["Sleepless in Seattle", 0.5],
    ] as const) {
      const [first = ""] = await page.search(words);
      await page.rate(first, stars);
      rated.push(first);
    }
    const after = await page.suggestions();
    expect(after.map(({ item }) => item)).not.toEqual(before.map(({ item }) => item));
    for (const { item } of after) expect(rated).not.toContain(item);
    const why = await page.why();
    expect([...why.contributions].sort()).toEqual([...rated].sort());
    expect(why.reasons).toMatch(/Star Wars|Empire Strikes Back|Terminator 2/);

    await page.open();
    expect(await page.suggestions()).toEqual(after);
    expect(await page.failures()).toEqual([]);
    await site.stop();
  });
});
