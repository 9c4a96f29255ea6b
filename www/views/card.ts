/** One suggestion. */
import type { CatalogItem, Recommendation, Tier } from "tasteprint";
import type { App } from "../app.ts";
import { button, h } from "../ui/dom.ts";
import { reasonText, titledPoster } from "../ui/film.ts";
import { rating } from "../ui/format.ts";
import { interval } from "../ui/interval.ts";
import { fail } from "../ui/notices.ts";
import { starControl, stars } from "../ui/stars.ts";
import { why } from "./why.ts";

/** Where a suggestion comes from, in the words of the badge. */
export function tierText(tier: Tier | "none", simulated: boolean): string {
  if (tier === "personal") return "From your taste";
  if (tier === "content") return "From its description";
  if (tier === "popular") return simulated ? "Popular (simulated)" : "Popular";
  return tier === "catalog" ? "From the catalog" : "Not known";
}

export function recommendationCard(app: App, row: Recommendation, film: CatalogItem): HTMLElement {
  const { scale } = app;
  // The evening's film has the room for more than one reason.
  const reasons = (row.reasons ?? []).slice(0, row.rank === 1 ? 3 : 1);
  const badge = h("span", { class: `badge ${row.tier}` }, tierText(row.tier, app.simulated));
  return h(
    "li",
    { class: "card", testid: "rec-card", "data-item": row.item, "data-tier": row.tier, "data-rank": row.rank },
    titledPoster(film, badge),
    h(
      "div",
      { class: "card-body" },
      h("p", { class: "genres" }, film.genres?.join(" · ") || "No genre given"),
      h(
        "div",
        { class: "score" },
        h("strong", { class: "score-number", testid: "rec-score" }, rating(row.score)),
        h("span", { class: "score-side" }, stars(row.score, scale), h("span", { class: "small" }, "expected")),
      ),
      interval(row.score, row.confidence, scale),
      reasons.map((reason) => h("p", { class: "because" }, reasonText(reason, app.simulated))),
      h(
        "div",
        { class: "card-actions" },
        h(
          "span",
          { class: "seen" },
          h("span", { class: "small" }, "Seen it?"),
          starControl({
            item: film.id,
            title: film.title,
            scale,
            onRate: (value) => app.rate(film, value),
            failed: fail,
          }),
        ),
        h(
          "span",
          { class: "card-buttons" },
          button("Why?", () => why(app, film), fail, {
            testid: "why-button",
            label: `Why ${film.title}?`,
            kind: "quiet",
          }),
          button("Hide", () => app.hide(film), fail, {
            testid: "hide-button",
            label: `Hide ${film.title}`,
            kind: "quiet",
          }),
        ),
      ),
    ),
  );
}
