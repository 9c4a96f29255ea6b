/** Why?: the reasons in words, then the sum the score is, down to the last rating. */
import type { CatalogItem, Explanation } from "tasteprint";
import type { App } from "../app.ts";
import { sheet } from "../ui/dialog.ts";
import { button, fill, h } from "../ui/dom.ts";
import { featureShares, type Share } from "../ui/feature-words.ts";
import { reasonText } from "../ui/film.ts";
import { plural, rating, signed } from "../ui/format.ts";
import { interval } from "../ui/interval.ts";
import { modelName } from "../ui/model-words.ts";
import { momentText } from "../ui/moment.ts";
import { fail } from "../ui/notices.ts";
import { poster } from "../ui/poster.ts";
import { stars } from "../ui/stars.ts";
import { tierText } from "./card.ts";

/** Pulls shown before the rest is added up in one row. */
const SHOWN = 8;

export async function why(app: App, film: CatalogItem): Promise<void> {
  const explanation = await app.taste.explain(film.id, app.asked);
  const rated = await app.films(explanation.contributions.map(({ item }) => item));
  const titles = new Map(rated.map(({ id, title }) => [id, title]));
  const { active } = app;
  const ownOrder =
    active && explanation.tier === "personal" && app.aim(active.model) === "lists" && modelName(active.model);
  const maker = app.versions.find(({ id }) => id === explanation.source);
  const madeBy = maker ? `${modelName(maker.model)}, version ${maker.id}` : explanation.source;
  const features = featureShares(explanation.features, film, app.moment);
  const moment = momentText(app.moment);
  const sum = h("div", { class: "sum" });
  const draw = (all: boolean) =>
    fill(sum, sumRows(explanation, { titles, features, moment }, all), !all && rest(explanation, () => draw(true)));
  draw(explanation.contributions.length <= SHOWN + 1);
  sheet(
    `Why ${film.title}?`,
    h(
      "div",
      { class: "why" },
      h(
        "div",
        { class: "why-top" },
        h("div", { class: "thumb large" }, poster(film)),
        h(
          "div",
          {},
          h(
            "p",
            { class: "score" },
            h("strong", { class: "score-number" }, rating(explanation.score)),
            h("span", { class: "score-side" }, stars(explanation.score, app.scale), "expected"),
          ),
          interval(explanation.score, explanation.confidence, app.scale),
          h("p", { class: "small" }, `${tierText(explanation.tier, app.simulated)} · ${madeBy}`),
        ),
      ),
      h("h3", {}, "In words"),
      explanation.reasons.length
        ? h(
            "ul",
            { class: "reasons", testid: "reasons" },
            explanation.reasons.map((reason) =>
              h("li", { "data-code": reason.code }, reasonText(reason, app.simulated)),
            ),
          )
        : h("p", { testid: "reasons" }, "There is nothing particular to say about this one."),
      app.simulated &&
        h("p", { class: "small" }, "Other people in these sentences are simulated; your own ratings are yours."),
      h("h3", {}, "In numbers"),
      ownOrder &&
        h(
          "p",
          { class: "small" },
          `This is about the expected rating. ${ownOrder} puts a film in its place by how well it goes with what you like, whatever that comes to.`,
        ),
      explanation.contributions.length || features.length
        ? h(
            "p",
            { class: "small" },
            features.length
              ? "How far what is known of the film, of your taste and of the moment pulls the expected rating up or down."
              : "How far each of your ratings pulls the expected rating up or down.",
          )
        : h("p", { class: "small" }, "None of your ratings has a say in this yet: the score is the starting point."),
      sum,
    ),
  );
}

interface Words {
  titles: Map<string, string>;
  features: readonly Share[];
  /** The circumstances that were asked about. */
  moment: string;
}

function sumRows(e: Explanation, { titles, features, moment }: Words, all: boolean): HTMLElement {
  const pulls = e.contributions.toSorted((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const shown = all ? pulls : pulls.slice(0, SHOWN);
  const hidden = pulls.slice(shown.length);
  const left = hidden.reduce((sum, { contribution }) => sum + contribution, 0);
  const sizes = [...shown, ...features].map(({ contribution }) => Math.abs(contribution));
  const widest = Math.max(0.05, Math.abs(left), Math.abs(e.context), Math.abs(e.nudge), ...sizes);
  const bar = (value: number) => {
    const element = h("span", { class: `pull ${value < 0 ? "down" : "up"}` });
    element.style.setProperty("--pull", String(Math.abs(value) / widest));
    return h("span", { class: "pull-track", "aria-hidden": "true" }, element);
  };
  return h(
    "table",
    { class: "sum-table" },
    h("caption", { class: "sr-only" }, "Starting point, what pulls it up and down, and the sum"),
    h(
      "tbody",
      {},
      h(
        "tr",
        { class: "sum-base" },
        h("th", { scope: "row" }, "Starting point", h("span", { class: "small" }, "somebody nothing is known about")),
        h("td", {}),
        h("td", { class: "number" }, e.baseline.toFixed(2)),
      ),
      shown.map((row) =>
        h(
          "tr",
          { testid: "contribution", "data-item": row.item, "data-contribution": row.contribution },
          h(
            "th",
            { scope: "row" },
            titles.get(row.item) ?? row.item,
            h("span", { class: "small" }, `you gave ${rating(row.rating)}`),
          ),
          h("td", {}, bar(row.contribution)),
          h("td", { class: "number" }, signed(row.contribution)),
        ),
      ),
      hidden.length > 0 &&
        h(
          "tr",
          {},
          h("th", { scope: "row" }, `${plural(hidden.length, "other rating")} together`),
          h("td", {}, bar(left)),
          h("td", { class: "number" }, signed(left)),
        ),
      features.map(({ label, contribution }) =>
        h(
          "tr",
          { testid: "feature-share", "data-contribution": contribution },
          h("th", { scope: "row" }, label),
          h("td", {}, bar(contribution)),
          h("td", { class: "number" }, signed(contribution)),
        ),
      ),
      Math.abs(e.context) > 0.0005 &&
        h(
          "tr",
          { testid: "moment-share", "data-contribution": e.context },
          h("th", { scope: "row" }, "This moment", moment && h("span", { class: "small" }, moment)),
          h("td", {}, bar(e.context)),
          h("td", { class: "number" }, signed(e.context)),
        ),
      Math.abs(e.nudge) > 0.0005 &&
        h(
          "tr",
          {},
          h("th", { scope: "row" }, "Your own rating of it"),
          h("td", {}, bar(e.nudge)),
          h("td", { class: "number" }, signed(e.nudge)),
        ),
      h(
        "tr",
        { class: "sum-total" },
        h("th", { scope: "row" }, "Sum"),
        h("td", {}),
        h("td", { class: "number" }, e.raw.toFixed(2)),
      ),
      Math.abs(e.raw - e.score) > 0.005 &&
        h(
          "tr",
          {},
          h("th", { scope: "row" }, "Kept within the scale"),
          h("td", {}),
          h("td", { class: "number" }, e.score.toFixed(2)),
        ),
    ),
  );
}

function rest(e: Explanation, show: () => void): HTMLElement | false {
  if (e.contributions.length <= SHOWN) return false;
  return button(`Show all ${e.contributions.length}`, show, fail, { kind: "quiet" });
}
