/** Figures of several versions side by side, and whether what differs is more than chance. */
import type { Comparison, Metrics } from "tasteprint";
import type { App } from "../app.ts";
import { curvesChart } from "../ui/chart.ts";
import { h } from "../ui/dom.ts";
import { dotPlot } from "../ui/dots.ts";
import { dateTime, metric } from "../ui/format.ts";
import { bestOf, distinctNames, metricWords } from "../ui/metrics.ts";
import { settingsWords } from "../ui/model-words.ts";
import { gaps, type Standing, standing } from "../ui/verdict.ts";

/** Drawn; the others stand in the table. */
const DRAWN: readonly (keyof Metrics)[] = ["rmse", "ndcg", "recall", "coverage"];

interface Row {
  metric: keyof Metrics;
  values: readonly (number | null)[];
  higherIsBetter: boolean;
}

/** `settings` are what was set of each version. */
function table(
  rows: readonly Row[],
  names: readonly string[],
  settings: readonly string[],
  k: number,
  best: (row: Row) => number,
): HTMLElement {
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": "Comparison" },
    h(
      "table",
      { class: "figures" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, "Metric"),
          names.map((name) => h("th", { scope: "col", class: "number" }, name)),
        ),
      ),
      h(
        "tbody",
        {},
        settings.some((text) => text !== settings[0]) &&
          h(
            "tr",
            { testid: "compared-settings" },
            h("th", { scope: "row" }, "Settings"),
            settings.map((text) => h("td", { class: "number words small" }, text)),
          ),
        rows.map((row) =>
          h(
            "tr",
            { "data-metric": row.metric },
            h(
              "th",
              { scope: "row" },
              metricWords(row.metric)?.label(k) ?? row.metric,
              h("span", { class: "small" }, metricWords(row.metric)?.says ?? ""),
            ),
            row.values.map((value, i) =>
              h(
                "td",
                { class: `number${i === best(row) ? " leading" : ""}` },
                metric(value),
                i === best(row) && h("span", { class: "sr-only" }, " best"),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

/** How things stand in the two figures that say most. */
function standings({ together }: Comparison, names: readonly string[]): Standing[] {
  const { rows = [], k = 10 } = together ?? {};
  return rows
    .filter((row) => row.metric === "ndcg" || row.metric === "rmse")
    .map((row) => ({
      figure: metricWords(row.metric)?.label(k) ?? row.metric,
      best: names[row.best] ?? "",
      higherIsBetter: row.higherIsBetter,
      others: row.differences.flatMap((difference, i) => (difference ? [{ name: names[i] ?? "", difference }] : [])),
    }));
}

/** `measure` offers to measure them on the same ratings. */
export function comparison(app: App, compared: Comparison, measure: HTMLElement): HTMLElement {
  const { versions, comparable, together } = compared;
  const names = distinctNames(versions.map((version) => ({ model: version.model, version })));
  const k = together?.k ?? versions[0]?.metrics?.k ?? 10;
  const rows: readonly Row[] = (together?.rows ?? compared.rows).filter(({ metric: key }) => metricWords(key));
  const best = (row: Row) => (together || comparable ? bestOf(row.values, row.higherIsBetter) : -1);
  const stand = standings(compared, names);
  const said = stand.flatMap(standing);
  const trained = versions.map(({ model, history }, i) => ({ name: names[i] ?? "", aim: app.aim(model), history }));
  const curves = (["ratings", "lists"] as const).flatMap((aim) => {
    const some = trained.filter(
      (one) => one.aim === aim && one.history.length > 1 && one.history.at(-1)?.validation !== undefined,
    );
    return some.length > 1 ? [curvesChart(some, aim)] : [];
  });
  return h(
    "section",
    { class: "panel", testid: "comparison" },
    h("h2", { tabindex: -1 }, "Side by side"),
    together
      ? h("p", {}, `Measured together ${dateTime(together.at)} (${together.protocol}), each trained anew on the rest.`)
      : [
          h(
            "p",
            { class: comparable ? null : "note" },
            comparable
              ? "Each figure is from when the version was trained; all were measured on the same ratings. Whether they differ by more than chance shows when they are measured together."
              : "These versions were measured on different ratings when they were trained, so the figures cannot be compared as such. Measure them together to compare them.",
          ),
          h("p", { class: "actions" }, measure),
        ],
    said.length > 0 && [
      h("h3", {}, "Is the difference real?"),
      h("ul", { class: "plain-list verdicts", testid: "verdicts" }, said),
      h("div", { class: "plots" }, stand.map(gaps)),
      h("h3", {}, "Figures"),
    ],
    h(
      "div",
      { class: "plots" },
      rows
        .filter((row) => DRAWN.includes(row.metric) && row.values.some((value) => value !== null))
        .map((row) =>
          dotPlot(
            row.values.map((value, i) => ({
              name: names[i] ?? "",
              value,
              plain: versions[i]?.model === "popularity",
            })),
            {
              title: metricWords(row.metric)?.label(k) ?? row.metric,
              higherIsBetter: row.higherIsBetter,
              best: best(row),
            },
          ),
        ),
    ),
    table(
      rows,
      names,
      versions.map(({ model, params }) => settingsWords(app.kind(model), params)),
      k,
      best,
    ),
    curves.length > 0 && [h("h3", {}, "How they learned"), h("div", { class: "plots" }, curves)],
  );
}
