/** A page with the harness in it, and the shortest way to have something done there. */
import { afterAll, beforeAll } from "vitest";
import type { Harness } from "../page/harness.ts";
import { type Browser, type BrowserName, launch } from "./browsers.ts";
import { type Site, serve } from "./server.ts";
import type { Session } from "./webdriver.ts";

/** Opens the harness of a site; `folder` says which package it takes. */
export async function openHarness(session: Session, site: Site, folder = "pkg"): Promise<void> {
  await session.goto(`${site.origin}/page/index.html?pkg=${folder}`);
  for (const limit = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 30))) {
    if (await session.evaluate(() => window.harness !== undefined)) return;
    if (Date.now() > limit) throw new Error("the harness did not load");
  }
}

/** Runs a function in the page. It gets the harness; of the test around it, it can see nothing. */
export type InPage = <A extends unknown[], R>(
  work: (h: Harness, ...args: A) => R | Promise<R>,
  ...args: A
) => Promise<Awaited<R>>;

export const inPage =
  (session: Session): InPage =>
  (work, ...args) =>
    session.call("window.harness, ", work.toString(), args) as never;

export interface Here {
  readonly browser: Browser;
  readonly session: Session;
  readonly site: Site;
  readonly run: InPage;
  /** A fresh origin with a fresh page; the site before is stopped. */
  fresh(folder?: string): Promise<Here>;
}

/** One browser for all tests of a `describe`; ended after them. */
export function inBrowser(name: BrowserName): Here {
  let browser: Browser | undefined;
  let site: Site | undefined;
  const here: Here = {
    get browser() {
      return browser as Browser;
    },
    get session() {
      return here.browser.session;
    },
    get site() {
      return site as Site;
    },
    get run() {
      return inPage(here.session);
    },
    async fresh(folder) {
      await site?.stop();
      site = await serve();
      await openHarness(here.session, site, folder);
      return here;
    },
  };
  beforeAll(async () => {
    browser = await launch(name);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
  }, 30_000);
  return here;
}
