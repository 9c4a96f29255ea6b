/** Data: what is known about other people's ratings, what was left out and why, and how to bring one's own. */
import type { DataReport, Spread } from "tasteprint";
import type { App, View } from "../app.ts";
import { loadSimulated } from "../community.ts";
import { button, empty, fill, h } from "../ui/dom.ts";
import { count, date, percent, plural, rating, words } from "../ui/format.ts";
import { fail } from "../ui/notices.ts";
import { importPanel } from "./import.ts";

function figure(label: string, value: string, testid?: string): HTMLElement {
  return h("div", { class: "figure" }, h("dt", {}, label), h("dd", { testid }, value));
}

function histogram({ histogram: bars, ratings, label }: DataReport): HTMLElement {
  const most = Math.max(1, ...bars.map((bar) => bar.count));
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, "Ratings by stars"),
    h(
      "table",
      { class: "histogram" },
      h("caption", { class: "sr-only" }, `How often each rating was given in ${label}`),
      h(
        "tbody",
        {},
        bars.map((bar) => {
          const column = h("span", { class: "histogram-bar" });
          column.style.setProperty("--size", String(bar.count / most));
          return h(
            "tr",
            { title: `${rating(bar.rating)}: ${count(bar.count)} (${percent(bar.count / Math.max(1, ratings))})` },
            h("th", { scope: "row" }, String(bar.rating)),
            h("td", {}, column, h("span", { class: "sr-only" }, count(bar.count))),
          );
        }),
      ),
    ),
  );
}

function spread(label: string, { min, median, mean, max }: Spread): HTMLElement {
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, label),
    [min, median, mean, max].map((value) => h("td", { class: "number" }, value % 1 ? rating(value) : count(value))),
  );
}

function quality(report: DataReport): HTMLElement {
  const { missing, outliers, dropped, problems, warnings } = report;
  const remarks = [
    missing.timestamps > 0 && `${plural(missing.timestamps, "rating")} without a time.`,
    missing.titles > 0 && `${plural(missing.titles, "film")} without a title.`,
    missing.genres > 0 && `${plural(missing.genres, "film")} without genres.`,
    missing.years > 0 && `${plural(missing.years, "film")} without a year.`,
    outliers.constantUsers > 0 &&
      `${plural(outliers.constantUsers, "person", "people")} with nothing but one rating value.`,
    outliers.heavyUsers > 0 &&
      `${plural(outliers.heavyUsers, "person", "people")} with far more ratings than the others.`,
    ...warnings.map(({ message }) => message),
  ].filter(Boolean);
  const clean = remarks.length === 0 && dropped.length === 0;
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, "Worth knowing"),
    clean && h("p", {}, "Every row was usable, nothing is missing, nobody stands out."),
    h(
      "ul",
      { class: "plain-list" },
      remarks.map((text) => h("li", {}, text)),
      dropped.map(({ reason, count: n }) => h("li", {}, `${plural(n, "row")} left out: ${words(reason)}.`)),
    ),
    problems.length > 0 &&
      h(
        "details",
        {},
        h("summary", {}, plural(problems.length, "example")),
        h(
          "ul",
          { class: "plain-list small" },
          problems.map(({ file, row, reason, got }) =>
            h("li", {}, `${file}, row ${count(row)}: ${words(reason)}, got ${got}`),
          ),
        ),
      ),
  );
}

function report(data: DataReport): HTMLElement[] {
  return [
    h(
      "dl",
      { class: "figures-row" },
      figure("Ratings", count(data.ratings), "data-ratings"),
      figure("People", count(data.users), "data-users"),
      figure("Films rated", count(data.items), "data-items"),
      figure("In the catalog", count(data.catalog), "data-catalog"),
      figure("Empty cells", percent(data.sparsity)),
      figure("Mean rating", data.mean.toFixed(2)),
    ),
    h(
      "div",
      { class: "columns" },
      histogram(data),
      h(
        "div",
        { class: "stack" },
        h(
          "section",
          { class: "panel" },
          h("h2", {}, "How they are spread"),
          h(
            "div",
            { class: "scroll", tabindex: 0, role: "region", "aria-label": "Spread of the ratings" },
            h(
              "table",
              { class: "figures" },
              h(
                "thead",
                {},
                h(
                  "tr",
                  {},
                  h("th", { scope: "col" }, "Ratings per"),
                  ["least", "median", "mean", "most"].map((text) => h("th", { scope: "col", class: "number" }, text)),
                ),
              ),
              h("tbody", {}, spread("Person", data.perUser), spread("Film", data.perItem)),
            ),
          ),
          h(
            "p",
            { class: "small" },
            `Scale ${data.scale.min} to ${data.scale.max}`,
            data.scale.step ? ` in steps of ${data.scale.step}` : "",
            data.from !== undefined && data.to !== undefined && ` · ${date(data.from)} to ${date(data.to)}`,
          ),
        ),
        quality(data),
      ),
    ),
  ];
}

export function dataView(app: App): View {
  const lead = h("p", { class: "lead" });
  const body = h("div", { class: "stack" });
  const element = h(
    "section",
    { class: "view data", "aria-labelledby": "data-title" },
    h("header", { class: "view-head" }, h("div", {}, h("h1", { id: "data-title", tabindex: -1 }, "Data"), lead)),
    body,
    importPanel(app),
  );
  return {
    element,
    refresh: async () => {
      const { data } = app;
      if (!data?.ratings) {
        lead.textContent = "Other people's ratings, from which models learn.";
        fill(
          body,
          empty(
            "No ratings of other people here",
            "The model in use came with the page and holds no people. Load the simulated community to train one of your own, or bring your data.",
            button("Load the simulated community", () => loadSimulated(app), fail, { kind: "primary" }),
          ),
        );
        return;
      }
      lead.textContent = app.simulatedData
        ? `“${data.label}”: the films are real, the people and all their ratings are simulated.`
        : `“${data.label}”, in this browser and nowhere else.`;
      fill(body, report(data));
    },
  };
}
