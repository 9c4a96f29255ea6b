/** Opens the recommender and shows the view the address asks for. */
import { Tasteprint } from "tasteprint";
import { App, type View } from "./app.ts";
import films from "./generated/sample-films.js";
import packText from "./generated/sample-pack.js";
import { fill, h } from "./ui/dom.ts";
import { catchStrays, fail, leaveFailures, noticeAreas, say } from "./ui/notices.ts";
import { dataView } from "./views/data.ts";
import { forYouView } from "./views/foryou.ts";
import { modelsView } from "./views/models.ts";
import { privacyView } from "./views/privacy.ts";
import { rateView } from "./views/rate.ts";
import { trainView } from "./views/train.ts";

/** Hash, name, drawing of a tab (a path in a 20 × 20 box), and what makes its view. */
const TABS: [id: string, label: string, icon: string, make: (app: App) => View][] = [
  ["foryou", "For you", "M3 5h14v10H3zM3 8h14M6 5v3M10 5v3M14 5v3", forYouView],
  ["rate", "Rate", "M10 3l2.2 4.6 5 .7-3.6 3.5.9 5L10 14.4 5.5 16.8l.9-5L2.8 8.3l5-.7z", rateView],
  ["train", "Train", "M3 16c4 0 4-11 7-11s3 7 7 7M3 3v13h14", trainView],
  ["models", "Models", "M10 3l7 4-7 4-7-4zM3 10.5l7 4 7-4M3 13.5l7 4 7-4", modelsView],
  ["data", "Data", "M4 16V9M8 16V4M12 16v-5M16 16V7", dataView],
  ["privacy", "Privacy", "M6 9V6.5a4 4 0 0 1 8 0V9M4.5 9h11v7.5h-11z", privacyView],
];

const main = document.querySelector("main") as HTMLElement;
const nav = document.querySelector(".tabs") as HTMLElement;

/** Text of the generated module to bytes; the page may not fetch, so the pack comes as a script. */
function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

function icon(path: string): SVGSVGElement {
  const holder = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  holder.setAttribute("viewBox", "0 0 20 20");
  holder.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  holder.append(line);
  return holder;
}

function listen(taste: Tasteprint): void {
  taste.addEventListener("crash", (event) => {
    const { message, recovered } = (event as CustomEvent<{ message: string; recovered: boolean }>).detail;
    if (recovered) say("The engine had to be started anew. Nothing is lost.");
    else
      fail(new Error(`The engine has stopped: ${message}. Reload the page; your ratings are safe.`), { lasting: true });
  });
  taste.addEventListener("storage", (event) => {
    const { message } = (event as CustomEvent<{ code: string; message: string }>).detail;
    fail(new Error(message), { lasting: true });
  });
}

async function start(): Promise<void> {
  const taste = await Tasteprint.open({ name: "cinema", catalog: films, pack: bytesOf(packText) });
  listen(taste);
  const app = new App(taste, films);
  await app.load();

  const views = new Map<string, View>();
  const links = new Map<string, HTMLAnchorElement>();
  const stale = new Set<string>(TABS.map(([id]) => id));
  let shown = "";

  for (const [id, label, path, make] of TABS) {
    const link = h("a", { href: `#${id}`, testid: `tab-${id}` }, icon(path), h("span", {}, label));
    links.set(id, link);
    const view = make(app);
    view.element.hidden = true;
    views.set(id, view);
  }
  fill(nav, [...links.values()]);
  fill(
    main,
    [...views.values()].map(({ element }) => element),
  );

  async function refresh(): Promise<void> {
    if (!stale.delete(shown)) return;
    try {
      await views.get(shown)?.refresh();
    } catch (error) {
      // The view is asked again when it is shown the next time.
      stale.add(shown);
      fail(error);
    }
  }

  async function route(moveFocus: boolean): Promise<void> {
    const asked = location.hash.replace(/^#\/?/, "");
    if (asked === "content") return;
    const id = views.has(asked) ? asked : "foryou";
    if (id === shown) return;
    shown = id;
    leaveFailures();
    for (const [each, { element }] of views) element.hidden = each !== id;
    for (const [each, link] of links) {
      if (each === id) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    const label = TABS.find(([each]) => each === id)?.[1];
    document.title = `${label} · tasteprint`;
    if (moveFocus) {
      scrollTo({ top: 0 });
      views.get(id)?.element.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
    }
    await refresh();
  }

  app.onChange(() => {
    for (const id of views.keys()) stale.add(id);
    void refresh();
  });
  addEventListener("hashchange", () => void route(true));
  await route(false);
}

for (const area of noticeAreas) document.querySelector(".notices")?.append(area);
catchStrays();
try {
  await start();
} catch (error) {
  fail(error);
  fill(
    main,
    h(
      "div",
      { class: "opening" },
      h("p", {}, "The recommender could not be opened."),
      h("p", {}, h("a", { class: "button primary", href: "" }, "Try again")),
    ),
  );
}
document.documentElement.dataset.ready = "true";
