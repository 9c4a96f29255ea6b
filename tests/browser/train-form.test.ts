/** The training form: parameters that are declared as data, chosen or written, refused and kept. */
import { describe, expect, test } from "vitest";
import { BROWSERS } from "./lib/browsers.ts";
import { visits } from "./lib/film-page.ts";
import { inBrowser } from "./lib/page.ts";

const id = (name: string) => `[data-testid="${name}"]`;

describe.each(BROWSERS)("%s", (name) => {
  const here = inBrowser(name);
  const open = visits(here);

  const model = (name: string) =>
    here.session.evaluate((name) => document.querySelector<HTMLElement>(`input[value="${name}"]`)?.click(), name);

  /** Puts a value into a field, as somebody who types or chooses it. */
  const put = (field: string, value: string) =>
    here.session.evaluate(
      (field, value) => {
        const control = document.querySelector<HTMLTextAreaElement | HTMLSelectElement>(field);
        if (!control) throw new Error(`no field ${field}`);
        control.value = value;
        for (const type of ["input", "change"]) control.dispatchEvent(new Event(type, { bubbles: true }));
      },
      id(field),
      value,
    );

  test("features of one's own: what is wrong is shown at its place, and what was written stays", async () => {
    const page = await open();
    await page.tab("train");
    await model("random-forest");
    await put("declare-features", "own");
    const written = '{ "features": [\n  { "field": "year", "encode": "number" },\n  { "field": "mood" } ] }';
    await put("own-features", written);
    const wrong = () => document.querySelector(".declared .wrong:not([hidden])")?.textContent ?? "";
    // While it is written, without a press of any button.
    await page.until("it is refused", () => !!document.querySelector('[data-testid="own-features"]:invalid'));
    expect(await here.session.evaluate(wrong)).toMatch(/^Line 3, features\[1\]\.\w+: expected /);
    await here.session.click(id("train-start"));
    await page.until(
      "the field has the focus",
      () => document.activeElement?.getAttribute("data-testid") === "own-features",
    );
    const chosen = await here.session.evaluate(() => {
      const { value, selectionStart, selectionEnd } = document.activeElement as HTMLTextAreaElement;
      return value.slice(selectionStart, selectionEnd);
    });
    expect(written.slice(written.indexOf('{ "field": "mood"'))).toContain(chosen);
    expect(chosen).not.toBe("");
    // Another model and another page in between.
    await model("ease");
    await page.tab("foryou");
    await page.tab("train");
    await model("random-forest");
    const kept = await here.session.evaluate(
      (select, text) => [select, text].map((css) => document.querySelector<HTMLTextAreaElement>(css)?.value),
      id("declare-features"),
      id("own-features"),
    );
    expect(kept).toEqual(["own", written]);
    await put("own-features", written.replace('"mood"', '"context.mood", "encode": "one-hot"'));
    await page.until("it is taken", () => !document.querySelector('[data-testid="own-features"]:invalid'));
    expect(await here.session.evaluate(wrong)).toBe("");
  });

  test("an ensemble is made of kinds and versions that are ticked", async () => {
    const page = await open();
    await page.simulate();
    await page.tab("train");
    await model("ensemble");
    const tick = (text: string) =>
      here.session.evaluate((text) => {
        for (const label of document.querySelectorAll<HTMLElement>(".members label"))
          if (label.textContent === text) label.click();
      }, text);
    for (const usual of ["Factorization machine", "Random forest"]) await tick(usual);
    await here.session.click(id("train-start"));
    await page.until("a member is asked for", () =>
      Boolean(document.querySelector(".members .wrong:not([hidden])")?.textContent?.includes("at least")),
    );
    // One of each: the kind, and the version that came with the page.
    await tick("Popularity");
    await here.session.evaluate(() => document.querySelector<HTMLElement>('.members input[value*="version"]')?.click());
    expect((await page.train()).trained).toBe(true);
    await page.versions();
    const row = await here.session.evaluate(() => document.querySelector('[data-testid="model-row"]')?.textContent);
    expect(row).toContain("members Popularity and Matrix factorization");
    expect(await page.failures()).toEqual([]);
  });
});
