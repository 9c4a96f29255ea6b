/** For you: the list, and everything one may want to do with what is on it. */
import type { Recommendation } from "tasteprint";
import type { App, View } from "../app.ts";
import { button, calm, empty, fill, h, latest, whileBusy } from "../ui/dom.ts";
import { holdFocus } from "../ui/focus.ts";
import { plural } from "../ui/format.ts";
import { modelName } from "../ui/model-words.ts";
import { momentText } from "../ui/moment.ts";
import { fail } from "../ui/notices.ts";
import { recommendationCard } from "./card.ts";
import { circumstances } from "./circumstances.ts";
import { ENOUGH, quickRate } from "./quick-rate.ts";

/** The first card is two wide: with five columns, 14 cards fill three rows, and each 15 more fill three again. */
const FIRST = 14;
const MORE = 15;

/** `caution` for people: how much a list leans on what many have rated. */
const MOODS: [label: string, caution: number, explanation: string][] = [
  ["Safe", 2, "Well-known films first, of those you should like"],
  ["Balanced", 1, "What you are likely to come across, and to like"],
  ["Bold", 0.25, "Whatever promises most, known or not"],
];

export function forYouView(app: App): View {
  let k = FIRST;
  let caution = 1;
  const ask = latest();
  const strip = quickRate(app);
  const moment = circumstances(app, () => void refresh().catch(fail));
  const lead = h("p", { class: "lead" });
  const order = h("p", { class: "small", testid: "order-note", hidden: true });
  const unknown = h("p", { class: "note unknown", hidden: true });
  const announce = h("p", { class: "sr-only", "aria-live": "polite" });
  const list = h("ol", { class: "cards" });
  const foot = h("p", { class: "more" });

  const mood = h(
    "fieldset",
    { class: "segments" },
    h("legend", { class: "sr-only" }, "How daring the suggestions may be"),
    MOODS.map(([label, value, explanation]) => {
      const input = h("input", { type: "radio", name: "caution", value, checked: value === caution });
      input.addEventListener("change", () => {
        caution = value;
        void refresh().catch(fail);
      });
      return h("label", { title: explanation }, input, h("span", {}, label));
    }),
  );

  const element = h(
    "section",
    { class: "view for-you", "aria-labelledby": "for-you-title" },
    h(
      "header",
      { class: "view-head" },
      h("div", {}, h("h1", { id: "for-you-title", tabindex: -1 }, "Tonight, for you"), lead, order),
      mood,
    ),
    unknown,
    moment.element,
    strip.element,
    announce,
    h("h2", { class: "sr-only" }, "Suggestions"),
    list,
    foot,
  );

  function leadText(): string {
    const source = app.simulated ? "a simulated community" : `the community of “${app.community}”`;
    if (app.ratings.size === 0) {
      return `You have not rated anything yet. Until then: what ${source} likes best.`;
    }
    const start = `Chosen for your ${plural(app.ratings.size, "rating")}, with what ${source} knows.`;
    return app.ratings.size < ENOUGH ? `${start} A few more make it yours.` : start;
  }

  async function refresh(): Promise<void> {
    const current = ask();
    lead.textContent = leadText();
    moment.refresh();
    const strips = strip.refresh();
    const recommended = await whileBusy(list, app.taste.recommend({ k, caution, explain: true, ...app.asked }));
    const films = await app.films(recommended.map(({ item }) => item));
    await strips;
    if (!current()) return;
    const before = places(list);
    const giveBack = holdFocus(list);
    fill(
      list,
      recommended.map((row, i) => {
        const film = films[i];
        return film && recommendationCard(app, row, film);
      }),
    );
    giveBack();
    if (!calm()) glide(list, before);
    tell(recommended);
    await moment.warn();
    showOrder(recommended);
    showUnknown(recommended);
    fillFoot(recommended.length);
  }

  /** Some models make lists of what was liked together: the expected rating stands beside, and decides nothing. */
  function showOrder(recommended: readonly Recommendation[]): void {
    const { active } = app;
    const other = active !== undefined && app.aim(active.model) === "lists";
    order.hidden = !other || !recommended.some(({ tier }) => tier === "personal");
    // How daring to be is a question for models of ratings.
    mood.hidden = !order.hidden;
    if (!active || order.hidden) return;
    order.textContent = `${modelName(active.model)} orders films by how well they go with what you like, not by the expected rating on the card: a film further up may have a lower one.`;
  }

  /** After an import the model in use may never have seen any of the films. */
  function showUnknown(recommended: readonly Recommendation[]): void {
    unknown.hidden = recommended.length === 0 || recommended.some(({ tier }) => tier !== "catalog");
    if (unknown.hidden) return;
    lead.textContent = "In the order of the catalog, until there is a model that knows these films.";
    const data = app.data?.ratings ? `“${app.data.label}” has what it takes: ` : "Bring ratings of them, then: ";
    fill(
      unknown,
      "The model in use has learned from other films. ",
      data,
      h("a", { href: "#train" }, "train a model"),
      ".",
    );
  }

  function tell(recommended: readonly Recommendation[]): void {
    const mine = recommended.filter(({ tier }) => tier === "personal").length;
    const asked = momentText(app.moment);
    const whatFor = asked && `, for: ${asked}`;
    announce.textContent = `${plural(recommended.length, "suggestion")}, ${mine} of them from your taste${whatFor}.`;
  }

  function fillFoot(shown: number): void {
    if (shown === 0) {
      const text = "You have rated or hidden every film there is. Import more films on the Data page.";
      fill(foot, empty("The programme is exhausted", text));
    } else if (shown < k) fill(foot, "That is all there is.");
    else {
      fill(
        foot,
        button(
          "Show more",
          async () => {
            k += MORE;
            await refresh();
          },
          fail,
        ),
      );
    }
  }

  return { element, refresh };
}

type Places = Map<string, DOMRect>;

function places(list: Element): Places {
  return new Map(
    [...list.children].map((card) => [card.getAttribute("data-item") ?? "", card.getBoundingClientRect()]),
  );
}

/** Cards move from where they were to where they are, so that the eye can follow what a rating did. */
function glide(list: Element, before: Places): void {
  for (const card of list.children) {
    const old = before.get(card.getAttribute("data-item") ?? "");
    const now = card.getBoundingClientRect();
    if (!old) {
      if (before.size) card.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 320, easing: "ease-out" });
      continue;
    }
    const [x, y] = [old.left - now.left, old.top - now.top];
    if (x || y) {
      const moved = [{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }];
      card.animate(moved, { duration: 380, easing: "cubic-bezier(.2,.7,.2,1)" });
    }
  }
}
