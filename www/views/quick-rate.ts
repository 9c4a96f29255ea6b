/** The first five ratings: well-known films one after the other, each a click. */
import type { CatalogItem } from "tasteprint";
import type { App } from "../app.ts";
import { button, fill, h } from "../ui/dom.ts";
import { titledPoster } from "../ui/film.ts";
import { holdFocus } from "../ui/focus.ts";
import { plural } from "../ui/format.ts";
import { fail } from "../ui/notices.ts";
import { starControl } from "../ui/stars.ts";

/** Ratings after which the strip has done its work. */
export const ENOUGH = 5;
const SHOWN = 10;
const CANDIDATES = 80;

export function quickRate(app: App): { element: HTMLElement; refresh(): Promise<void> } {
  /** Not seen, said for this visit only: it is no feedback, and nothing is stored. */
  const skipped = new Set<string>();
  let shown: CatalogItem[] = [];
  const progress = h("p", { class: "strip-progress", "aria-live": "polite" });
  const list = h("ul", { class: "strip-films" });
  const element = h(
    "section",
    { class: "strip", "aria-labelledby": "strip-title", hidden: true },
    h(
      "div",
      { class: "strip-head" },
      h("h2", { id: "strip-title" }, "Rate five films you know"),
      h("p", {}, "The list below follows at once. Ratings stay in this browser."),
      progress,
    ),
    list,
  );

  function tile(film: CatalogItem): HTMLElement {
    return h(
      "li",
      { class: "tile", testid: "quick-rate", "data-item": film.id },
      titledPoster(film),
      starControl({
        item: film.id,
        title: film.title,
        scale: app.scale,
        onRate: (value) => app.rate(film, value),
        failed: fail,
      }),
      button(
        "Not seen",
        async () => {
          skipped.add(film.id);
          await refresh();
        },
        fail,
        { kind: "quiet", label: `I have not seen ${film.title}`, testid: "not-seen" },
      ),
    );
  }

  async function refresh(): Promise<void> {
    const rated = app.ratings.size;
    const inside = element.contains(document.activeElement);
    element.hidden = rated >= ENOUGH;
    // The strip has done its work; whoever was in it goes on with the list.
    if (element.hidden && inside) document.querySelector<HTMLElement>("#for-you-title")?.focus({ preventScroll: true });
    if (element.hidden) return;
    const { items } = await app.taste.items({ limit: CANDIDATES });
    const usable = items.filter(({ id }) => !app.ratings.has(id) && !skipped.has(id) && !app.hidden.includes(id));
    // Films that are still to be rated keep their place under the pointer; new ones come in at the end.
    const kept = shown.filter(({ id }) => usable.some((film) => film.id === id));
    const added = spread(
      usable.filter(({ id }) => !kept.some((film) => film.id === id)),
      SHOWN - kept.length,
    );
    shown = [...kept, ...added];
    const tiles = new Map([...list.children].map((child) => [child.getAttribute("data-item"), child]));
    const refocus = holdFocus(list);
    fill(
      list,
      shown.map((film) => (tiles.get(film.id) as HTMLElement | undefined) ?? tile(film)),
    );
    refocus();
    progress.textContent = rated === 0 ? "" : `${plural(rated, "rating")} of ${ENOUGH}`;
    progress.style.setProperty("--done", String(rated / ENOUGH));
    if (shown.length === 0) element.hidden = true;
  }

  return { element, refresh };
}

/** The most prominent ones, but no genre more than thrice: five ratings of one genre say little about the others. */
function spread(films: readonly CatalogItem[], n: number): CatalogItem[] {
  const seen = new Map<string, number>();
  const chosen: CatalogItem[] = [];
  const rest: CatalogItem[] = [];
  for (const film of films) {
    const genre = film.genres?.find((each) => each !== "Drama") ?? "Drama";
    const times = seen.get(genre) ?? 0;
    if (times < 3) {
      chosen.push(film);
      seen.set(genre, times + 1);
    } else rest.push(film);
  }
  return [...chosen, ...rest].slice(0, Math.max(0, n));
}
