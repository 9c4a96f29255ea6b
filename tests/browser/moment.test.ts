/** Circumstances on the page: lists, reasons and ratings take them along. And an anonymous export, as it is downloaded. */
import { describe, expect, test } from "vitest";
import type { RecommendOptions, StoredFeedback } from "../../pkg/index.js";
import { BROWSERS } from "./lib/browsers.ts";
import { visits } from "./lib/film-page.ts";
import { inBrowser } from "./lib/page.ts";

const id = (name: string) => `[data-testid="${name}"]`;

describe.each(BROWSERS)("%s", (name) => {
  const here = inBrowser(name);
  const open = visits(here);

  /** The page, with what crosses to its worker written down: the page itself keeps its recommender to itself. */
  const begin = async () => {
    const page = await open();
    await here.session.evaluate(() => {
      const asked: { op: string; args: unknown }[] = [];
      Object.assign(window, { asked });
      const post = Worker.prototype.postMessage;
      Worker.prototype.postMessage = function (
        this: Worker,
        message: { op?: string; args?: unknown },
        ...rest: never[]
      ) {
        if (message?.op) asked.push({ op: message.op, args: structuredClone(message.args) });
        return post.call(this, message, ...rest);
      };
    });
    return page;
  };

  const asked = <T>(op: string): Promise<T[]> =>
    here.session.evaluate(
      (op) =>
        (window as unknown as { asked: { op: string; args: unknown }[] }).asked
          .filter((each) => each.op === op)
          .map(({ args }) => args),
      op,
    ) as Promise<T[]>;

  const choose = (group: string, value: string) =>
    here.session.evaluate(
      (group, value) => document.querySelector<HTMLElement>(`${group} input[value="${value}"]`)?.click(),
      id(group),
      value,
    );

  test("a model that knows of no moods offers none, and says why", async () => {
    const page = await begin();
    await page.suggestions();
    const seen = await here.session.evaluate(() => ({
      off: [...document.querySelectorAll<HTMLInputElement>('[data-testid="moment"] input')].map(
        ({ value, disabled }) => disabled === (value !== ""),
      ),
      note: document.querySelector('[data-testid="moment-note"]')?.textContent,
      described: [...document.querySelectorAll('[data-testid="moment"] fieldset')].map((group) =>
        document.getElementById(group.getAttribute("aria-describedby") ?? "")?.getAttribute("data-testid"),
      ),
    }));
    expect(seen.off).toHaveLength(13);
    expect(seen.off.every(Boolean)).toBe(true);
    expect(seen.note).toMatch(/has learned nothing of moods, company or time/);
    expect(seen.described).toEqual(["moment-note", "moment-note", "moment-note"]);
    await here.session.evaluate(() => document.querySelector<HTMLElement>('input[name="caution"][value="2"]')?.click());
    await page.suggestions();
    const asks = await asked<RecommendOptions>("recommend");
    expect(asks.map(({ caution, context }) => [caution, context])).toEqual([[2, undefined]]);
  });

  test("lists, explanations and ratings take along what is chosen", async () => {
    const page = await begin();
    await page.simulate();
    await page.tab("train");
    await here.session.evaluate(() => {
      document.querySelector<HTMLElement>('input[type="radio"][value="factorization-machine"]')?.click();
    });
    await here.session.evaluate(() => {
      for (const [key, value] of [
        ["epochs", "12"],
        ["samples", "3"],
      ]) {
        const input = document.querySelector<HTMLInputElement>(`input[name="${key}"], input[id*="${key}"]`);
        if (!input) throw new Error(`no field for ${key}`);
        input.value = value ?? "";
        input.dispatchEvent(new Event("input", { bubbles: true }));
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
    expect((await page.train()).trained).toBe(true);

    const before = await page.suggestions();
    await choose("moment-mood", "funny");
    await choose("moment-group", "couple");
    await page.until("the list is asked for with both", () =>
      (window as unknown as { asked: { op: string; args: RecommendOptions }[] }).asked.some(
        ({ op, args }) => op === "recommend" && args.context?.mood === "funny" && args.context.group === "couple",
      ),
    );
    const after = await page.suggestions();
    expect(after.map(({ item, score }) => [item, score])).not.toEqual(before.map(({ item, score }) => [item, score]));
    await page.why();
    expect((await asked<RecommendOptions>("explain")).at(-1)?.context).toEqual({ mood: "funny", group: "couple" });

    // The model before knows of no moods: they stay chosen, and it is said that they do nothing.
    await page.tab("models");
    await here.session.click(id("rollback-button"));
    await page.until("the model before serves", () => !!document.querySelector('[data-testid="activate-button"]'));
    await page.suggestions();
    await page.until("it is said what is not used", () =>
      /does not use mood/.test(document.querySelector('[data-testid="moment-warning"]')?.textContent ?? ""),
    );
    expect(
      await here.session.evaluate(() =>
        [...document.querySelectorAll<HTMLInputElement>('[data-testid="moment"] input:checked')].map(
          ({ value, disabled }) => [value, disabled],
        ),
      ),
    ).toEqual([
      ["funny", true],
      ["couple", true],
      ["", false],
    ]);

    await page.tab("rate");
    const [film = ""] = await page.search("blade runner");
    await page.rate(film, 4.5);
    await page.until("it is listed", () => !!document.querySelector('[data-testid="how-button"]'));
    await here.session.click(id("how-button"));
    await page.until("it is asked how it was", () => !!document.querySelector('[data-testid="how-was-it"]'));
    await choose("completion", "0.9");
    await choose("again", "yes");
    await choose("said-session", "binge");
    await here.session.click(id("save-said"));
    await page.until("it is saved", () => !document.querySelector("dialog[open]"));

    // What is stored, read from the database itself.
    await page.open();
    await page.tab("privacy");
    const rows = await here.session.evaluate(async () => {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open("tasteprint:cinema");
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      const all = database.transaction("events").objectStore("events").getAll();
      const rows = await new Promise<unknown[]>((resolve) => {
        all.onsuccess = () => resolve(all.result);
      });
      database.close();
      return rows as StoredFeedback[];
    });
    expect(rows.map(({ item, rating }) => [item, rating])).toEqual([
      [film, 4.5],
      [film, 4.5],
    ]);
    expect(rows[0]?.context).toEqual({ mood: "funny", group: "couple" });
    expect(rows[1]).toMatchObject({
      completion: 0.9,
      wouldWatchAgain: true,
      context: { mood: "funny", group: "couple", session: "binge" },
    });

    // What a download would be, word for word.
    const exported = await here.session.evaluate(async () => {
      let file: Blob | undefined;
      let name = "";
      const make = URL.createObjectURL;
      URL.createObjectURL = (blob) => {
        file = blob as Blob;
        return make.call(URL, blob);
      };
      addEventListener(
        "click",
        (event) => {
          const link = (event.target as Element).closest("a[download]");
          if (link) name = link.getAttribute("download") ?? "";
        },
        { capture: true },
      );
      document.querySelector<HTMLElement>('[data-testid="anonymous-switch"]')?.click();
      document.querySelector<HTMLElement>('[data-testid="export-button"]')?.click();
      for (const limit = Date.now() + 20_000; !file && Date.now() < limit; )
        await new Promise((resolve) => setTimeout(resolve, 50));
      return { name, text: await file?.text() };
    });
    expect(exported.name).toMatch(/^tasteprint-anonymous-\d{4}-\d\d-\d\d\.zip$/);
    expect(exported.text).toContain('"mood": "funny"');
    expect(exported.text).toContain('"completion": 0.9');
    expect(exported.text).not.toContain(film);
    expect(exported.text?.toLowerCase()).not.toContain("blade");
    expect(await page.failures()).toEqual([]);
  });
});
