/** The built page as a visitor uses it: by what is visible and can be clicked. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeAll } from "vitest";
import { root, type Site, serve, target } from "./server.ts";
import type { Session } from "./webdriver.ts";

/** Builds the page for production, as it is published. */
export function buildPage(): void {
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const out = join(target, "browser/www");
  const args = [
    "build",
    "www",
    "--config",
    "www/vite.config.ts",
    "--outDir",
    out,
    "--emptyOutDir",
    "--logLevel",
    "warn",
  ];
  execFileSync(process.execPath, [vite, ...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
}

/** Builds the page, and opens it for a test on a server of its own, which ends with the test. */
export function visits(here: { readonly session: Session }): () => Promise<FilmPage> {
  let site: Site | undefined;
  beforeAll(buildPage);
  afterEach(() => site?.stop());
  return async () => {
    site = await serve();
    const page = new FilmPage(here.session, site);
    await page.open();
    return page;
  };
}

const id = (name: string) => `[data-testid="${name}"]`;

export class FilmPage {
  constructor(
    readonly session: Session,
    readonly site: Site,
  ) {}

  async open(): Promise<void> {
    await this.session.goto(`${this.site.origin}/www/index.html`);
    await this.until("the page is ready", () => document.documentElement.dataset.ready === "true");
  }

  /** Waits for something in the page. */
  async until<A extends unknown[]>(what: string, so: (...args: A) => boolean, ...args: A): Promise<void> {
    for (const limit = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
      if (await this.session.evaluate(so, ...args)) return;
      if (Date.now() > limit) throw new Error(`not within a minute: ${what}. The page says: ${await this.failures()}`);
    }
  }

  async tab(name: "foryou" | "rate" | "train" | "models" | "data" | "privacy"): Promise<void> {
    await this.session.click(id(`tab-${name}`));
    await this.until(`tab ${name} is shown`, (name) => location.hash === `#${name}`, name);
  }

  /** Loads the simulated community, and waits until it is there. */
  async simulate(): Promise<void> {
    await this.tab("train");
    await this.session.click(id("load-simulated"));
    await this.tab("data");
    await this.until("the community is there", () => !!document.querySelector('[data-testid="data-ratings"]'));
  }

  /** What the page complains of. */
  failures(): Promise<string[]> {
    return this.session.evaluate(() =>
      [...document.querySelectorAll('[data-testid="error-message"]')].map((found) => found.textContent ?? ""),
    );
  }

  /** The titles' ids in the results of a search. */
  async search(words: string): Promise<string[]> {
    const input = `${id("search-input")}`;
    const element = await this.session.element(input);
    await this.session.post(`/element/${element}/clear`);
    await this.session.type(input, words);
    await this.until(
      `results for ${words}`,
      (words) => {
        // The first one: what is shown before anything is searched for may have it further down.
        const first = document.querySelector('[data-testid="search-result"]')?.textContent?.toLowerCase();
        const typed = document.querySelector<HTMLInputElement>('[data-testid="search-input"]')?.value === words;
        return typed && first?.includes(words.toLowerCase()) === true;
      },
      words,
    );
    return this.session.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('[data-testid="search-result"]')].map((row) => row.dataset.item ?? ""),
    );
  }

  /** Clicks a star of a search result. */
  async rate(item: string, stars: number): Promise<void> {
    const control = `${id("search-result")} [data-testid="rate-stars"][data-item="${item}"]`;
    await this.session.click(`${control} [data-value="${stars}"]`);
    await this.until(
      `${item} is rated`,
      (control, stars) => {
        const found = document.querySelector(control);
        return found?.getAttribute("data-value") === String(stars) && !found.hasAttribute("aria-busy");
      },
      control,
      stars,
    );
  }

  /** The list on the first tab. */
  async suggestions(): Promise<{ item: string; score: string; text: string }[]> {
    await this.tab("foryou");
    await this.until("there are suggestions", () => document.querySelectorAll('[data-testid="rec-card"]').length > 3);
    await this.settled();
    return this.session.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('[data-testid="rec-card"]')].map((card) => ({
        item: card.dataset.item ?? "",
        score: card.querySelector('[data-testid="rec-score"]')?.textContent ?? "",
        text: card.textContent ?? "",
      })),
    );
  }

  /** Until the list has stayed the same for a while: it is asked for anew after every change. */
  private async settled(): Promise<void> {
    const look = () =>
      this.session.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('[data-testid="rec-card"]')].map((card) => card.textContent).join(),
      );
    for (let [last, same] = [await look(), 0]; same < 3; ) {
      await new Promise((resolve) => setTimeout(resolve, 120));
      const now = await look();
      same = now === last ? same + 1 : 0;
      last = now;
    }
  }

  /** Opens the reasons of the first suggestion, reads them, closes them. */
  async why(): Promise<{ reasons: string; contributions: string[] }> {
    await this.session.click(id("why-button"));
    await this.until("the reasons are shown", () => !!document.querySelector('[data-testid="reasons"]')?.textContent);
    const read = await this.session.evaluate(() => ({
      reasons: document.querySelector('[data-testid="reasons"]')?.textContent ?? "",
      contributions: [...document.querySelectorAll<HTMLElement>('[data-testid="contribution"]')].map(
        (row) => row.dataset.item ?? "",
      ),
    }));
    await this.session.evaluate(() => {
      for (const dialog of document.querySelectorAll("dialog")) dialog.close();
    });
    return read;
  }

  /** Trains with what the form offers; gives the share the bar showed from time to time, and the answer. */
  async train(): Promise<{ shares: number[]; trained: boolean; version: string; text: string }> {
    await this.tab("train");
    await this.session.evaluate(() => {
      const shares: number[] = [];
      Object.assign(window, { shares });
      const bar = document.querySelector<HTMLProgressElement>('[data-testid="train-progress"]');
      const look = () => {
        if (bar?.hasAttribute("value") && bar.checkVisibility()) shares.push(bar.value);
        requestAnimationFrame(look);
      };
      look();
    });
    await this.session.click(id("train-start"));
    await this.until("there is a result", () => !!document.querySelector('[data-testid="train-result"]'));
    return this.session.evaluate(() => {
      const result = document.querySelector<HTMLElement>('[data-testid="train-result"]');
      return {
        shares: (window as unknown as { shares: number[] }).shares,
        trained: result?.dataset.trained === "true",
        version: result?.dataset.version ?? "",
        text: result?.textContent ?? "",
      };
    });
  }

  /** Listed versions, and which of them serves. */
  async versions(): Promise<{ version: string; active: boolean }[]> {
    await this.tab("models");
    await this.until("versions are listed", () => document.querySelectorAll('[data-testid="model-row"]').length > 0);
    return this.session.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('[data-testid="model-row"]')].map((row) => ({
        version: row.dataset.version ?? "",
        // What serves cannot be activated.
        active: !row.querySelector('[data-testid="activate-button"]'),
      })),
    );
  }
}
