/** Rate: find a film by its words, rate it, and look after what was rated before. */
import type { CatalogItem } from "tasteprint";
import type { App, View } from "../app.ts";
import { button, debounce, empty, fill, h, latest, whileBusy } from "../ui/dom.ts";
import { filmLine } from "../ui/film.ts";
import { holdFocus } from "../ui/focus.ts";
import { count, date, plural, rating } from "../ui/format.ts";
import { fail } from "../ui/notices.ts";
import { starControl } from "../ui/stars.ts";
import { howWasIt, saidText } from "./seen.ts";

const RESULTS = 8;
const LISTED = 50;

export function rateView(app: App): View {
  const ask = latest();
  let listed = LISTED;
  const input = h("input", {
    type: "search",
    id: "search",
    testid: "search-input",
    placeholder: "Title, person or genre",
    autocomplete: "off",
    spellcheck: "false",
    "aria-controls": "search-results",
    "aria-describedby": "search-help",
  });
  const found = h("p", { class: "small", "aria-live": "polite" });
  const results = h("ul", { class: "rows", id: "search-results" });
  const mine = h("ul", { class: "rows" });
  const mineTitle = h("h2", {}, "Your ratings");
  const mineFoot = h("div", {});
  const hidden = h("section", { class: "panel" });

  const element = h(
    "section",
    { class: "view rate", "aria-labelledby": "rate-title" },
    h(
      "header",
      { class: "view-head" },
      h(
        "div",
        {},
        h("h1", { id: "rate-title", tabindex: -1 }, "Rate"),
        h(
          "p",
          { class: "lead" },
          "Every rating is on disk before you see it here, and in the suggestions right after.",
        ),
      ),
    ),
    h(
      "div",
      { class: "columns" },
      h(
        "section",
        { class: "panel" },
        h("label", { for: "search", class: "big-label" }, "Find a film"),
        input,
        h(
          "p",
          { class: "small for-keys", id: "search-help" },
          "Arrow down goes into the results; arrow right and left choose stars.",
        ),
        found,
        results,
      ),
      h("div", { class: "stack" }, h("section", { class: "panel" }, mineTitle, mine, mineFoot), hidden),
    ),
  );

  function row(film: CatalogItem, testid: string, aside: Node | string | false, ...actions: Node[]): HTMLElement {
    return h(
      "li",
      { class: "row", testid, "data-item": film.id },
      filmLine(film, aside),
      h(
        "div",
        { class: "row-actions" },
        starControl({
          item: film.id,
          title: film.title,
          scale: app.scale,
          value: app.ratings.get(film.id),
          onRate: (value) => app.rate(film, value),
          failed: fail,
        }),
        ...actions,
      ),
    );
  }

  async function search(): Promise<void> {
    const current = ask();
    const query = input.value.trim();
    // Without a query, enough for some to be left when those already rated are taken out.
    const limit = query ? RESULTS : RESULTS + app.ratings.size;
    const answer = await whileBusy(results, app.taste.items(query ? { query, limit } : { limit }));
    const films = (query ? answer.items : answer.items.filter(({ id }) => !app.ratings.has(id))).slice(0, RESULTS);
    const expected = await Promise.all(films.map((film) => app.taste.predict(film.id)));
    if (!current()) return;
    found.textContent = !query
      ? "Well known, and not rated by you yet"
      : answer.total > films.length
        ? `${plural(answer.total, "film")}, the first ${films.length} shown`
        : plural(answer.total, "film");
    const giveBack = holdFocus(results);
    fill(
      results,
      films.map((film, i) => {
        const value = expected[i]?.value ?? Number.NaN;
        const aside = Number.isNaN(value) ? false : h("p", { class: "small" }, `expected ${rating(value)}`);
        return row(film, "search-result", aside);
      }),
    );
    if (films.length === 0) {
      const text = `Nothing in the catalog has “${query}” in its title, people or genres.`;
      fill(results, h("li", {}, empty("No film found", text)));
    }
    giveBack();
  }

  /** Up and down go from film to film; left and right stay with the stars of one. */
  function walk(event: KeyboardEvent): void {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [...results.querySelectorAll<HTMLElement>(".rate-stars")];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    const to = at + (event.key === "ArrowDown" ? 1 : -1);
    if (to < 0) input.focus();
    else stops[Math.min(to, stops.length - 1)]?.focus();
    event.preventDefault();
    event.stopPropagation();
  }
  results.addEventListener("keydown", walk, { capture: true });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "Enter") {
      results.querySelector<HTMLElement>(".rate-stars")?.focus();
      event.preventDefault();
    }
  });
  input.addEventListener(
    "input",
    debounce(160, () => void search().catch(fail)),
  );

  async function showMine(): Promise<void> {
    const ids = [...app.ratings.keys()];
    const films = await app.films(ids.slice(0, listed));
    mineTitle.textContent = ids.length ? `Your ${plural(ids.length, "rating")}` : "Your ratings";
    const giveBack = holdFocus(mine);
    fill(
      mine,
      films.map((film) => {
        const at = app.ratedAt.get(film.id);
        const withdraw = button("Withdraw", () => app.rate(film, null), fail, {
          kind: "quiet",
          testid: "withdraw-button",
          label: `Withdraw your rating of ${film.title}`,
        });
        const more = button("How was it?", () => howWasIt(app, film), fail, {
          kind: "quiet",
          testid: "how-button",
          label: `How was ${film.title}?`,
        });
        const facts = [at && `rated ${date(at)}`, saidText(app.saidBefore(film.id))].filter(Boolean).join(" · ");
        return row(film, "my-rating", facts ? h("p", { class: "small" }, facts) : false, more, withdraw);
      }),
    );
    giveBack();
    if (ids.length === 0) {
      fill(mineFoot, empty("Nothing rated yet", "Find a film you know and give it stars; five are a good start."));
    } else if (ids.length > listed) {
      const more = async () => {
        listed = ids.length;
        await showMine();
      };
      fill(mineFoot, button(`Show all ${count(ids.length)}`, more, fail));
    } else fill(mineFoot);
  }

  async function showHidden(): Promise<void> {
    hidden.hidden = app.hidden.length === 0;
    if (hidden.hidden) return fill(hidden);
    const films = await app.films(app.hidden);
    fill(
      hidden,
      h("h2", {}, "Hidden"),
      h(
        "ul",
        { class: "rows" },
        films.map((film) =>
          h(
            "li",
            { class: "row", "data-item": film.id },
            filmLine(film),
            button("Bring back", () => app.unhide(film), fail, { kind: "quiet", label: `Bring back ${film.title}` }),
          ),
        ),
      ),
    );
  }

  return {
    element,
    refresh: async () => {
      await Promise.all([search(), showMine(), showHidden()]);
    },
  };
}
