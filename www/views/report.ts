/** An evaluation: what models come to on ratings they have not seen, for whom, and how sure that is. */
import type { EvaluationReport, EvaluationRow, ModelVersion, Segment } from "tasteprint";
import { h } from "../ui/dom.ts";
import { dotPlot } from "../ui/dots.ts";
import { between, count, listed, metric, plural } from "../ui/format.ts";
import { ALL_METRICS, bestOf, distinctNames, type MetricKey, type MetricWords, metricWords } from "../ui/metrics.ts";
import { gaps, type Standing, standing } from "../ui/verdict.ts";
import { reliability } from "./reliability.ts";

type Child = HTMLElement | false;

const SEGMENTS: Record<Segment["name"], [label: string, says: string]> = {
  new: ["Newcomers", "fewer than 10 ratings"],
  light: ["Occasional", "the half with fewer"],
  heavy: ["Devoted", "the half with more"],
  popular: ["Popular films", "hold half of the ratings"],
  tail: ["All others", "the long tail"],
};

/** A figure of all rows, with its intervals. */
function plot(
  { rows, k }: EvaluationReport,
  names: readonly string[],
  key: MetricKey,
  target?: number,
): HTMLElement | false {
  const words = metricWords(key);
  const values = rows.map(({ metrics }) => metrics[key]);
  if (!words || values.every((value) => value === undefined)) return false;
  return dotPlot(
    rows.map(({ model, intervals }, i) => ({
      name: names[i] ?? "",
      value: values[i],
      interval: intervals[key],
      plain: model === "popularity" || model === "item-knn",
    })),
    {
      title: words.label(k),
      higherIsBetter: words.higherIsBetter,
      best: bestOf(values, words.higherIsBetter),
      ...(target !== undefined && { target }),
    },
  );
}

/** How things stand in the two figures that say most. */
function standings({ rows, k }: EvaluationReport, names: readonly string[]): Standing[] {
  return (["ndcg", "rmse"] as const).flatMap((key) => {
    const others = rows.flatMap(({ againstBest }, i) => {
      const difference = againstBest[key];
      return difference ? [{ name: names[i] ?? "", difference, row: difference.row }] : [];
    });
    const best = names[others[0]?.row ?? -1];
    const words = metricWords(key);
    if (best === undefined || !words) return [];
    return [{ figure: words.label(k), best, higherIsBetter: words.higherIsBetter === true, others }];
  });
}

/** Who does not beat what knows nobody. */
function idle({ rows, k }: EvaluationReport, names: readonly string[]): HTMLElement | false {
  const not = rows.flatMap(({ againstPopularity: { ndcg } }, i) =>
    ndcg && !(ndcg.real && ndcg.difference > 0) ? [names[i] ?? ""] : [],
  );
  const text = `In nDCG@${k}, no better than popularity by more than chance: ${listed(not)}.`;
  return not.length > 0 && h("p", {}, text);
}

/** A part of the report; one that has nothing to show is left out. */
function part(title: string, says: string, ...content: Child[]): HTMLElement | false {
  const there = content.filter((child) => child !== false);
  return (
    there.length > 0 && h("section", { class: "part" }, h("h3", {}, title), h("p", { class: "small" }, says), ...there)
  );
}

const plots = (...each: Child[]): HTMLElement | false =>
  each.some((child) => child !== false) && h("div", { class: "plots" }, each);

/** One figure of parts of the people, or of the catalog. */
function segmentTable(
  rows: readonly EvaluationRow[],
  names: readonly string[],
  parts: readonly Segment["name"][],
  key: "ndcg" | "recall" | "rmse",
  label: string,
): HTMLElement | false {
  const of = (row: EvaluationRow, name: Segment["name"]) => row.segments.find((segment) => segment.name === name);
  const there = parts.filter((name) => rows.some((row) => of(row, name)?.[key] !== undefined));
  if (there.length === 0) return false;
  const higherIsBetter = key !== "rmse";
  const best = there.map((name) =>
    bestOf(
      rows.map((row) => of(row, name)?.[key]),
      higherIsBetter,
    ),
  );
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": label },
    h(
      "table",
      { class: "figures" },
      h("caption", {}, label),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, "Model"),
          there.map((name) => {
            const [title, says] = SEGMENTS[name];
            const first = rows[0] && of(rows[0], name);
            const size =
              first && (key === "rmse" ? plural(first.ratings, "rating") : plural(first.users, "person", "people"));
            return h("th", { scope: "col", class: "number", title: says }, title, h("span", { class: "small" }, size));
          }),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((row, i) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, names[i]),
            there.map((name, at) =>
              h(
                "td",
                { class: `number${best[at] === i ? " leading" : ""}` },
                metric(of(row, name)?.[key]),
                best[at] === i && h("span", { class: "sr-only" }, " best"),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

/** Every figure of every model, for those who want to read it off. */
function allFigures({ rows, k }: EvaluationReport, names: readonly string[]): HTMLElement {
  const cell = (row: EvaluationRow, { key }: MetricWords, top: boolean) => {
    const interval = row.intervals[key];
    return h(
      "td",
      { class: `number${top ? " leading" : ""}` },
      metric(row.metrics[key]),
      top && h("span", { class: "sr-only" }, " best"),
      interval && h("span", { class: "small" }, between(interval)),
    );
  };
  return h(
    "details",
    {},
    h("summary", {}, "All figures, with their 95% intervals"),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "All figures" },
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
          ALL_METRICS.filter(({ key }) => rows.some(({ metrics }) => metrics[key] !== undefined)).map((words) => {
            const best = bestOf(
              rows.map(({ metrics }) => metrics[words.key]),
              words.higherIsBetter,
            );
            return h(
              "tr",
              { "data-metric": words.key },
              h("th", { scope: "row" }, words.label(k), h("span", { class: "small" }, words.says)),
              rows.map((row, i) => cell(row, words, i === best)),
            );
          }),
        ),
      ),
    ),
  );
}

export function report(
  of: EvaluationReport,
  versions: readonly ModelVersion[],
  held: string,
  simulated: boolean,
): HTMLElement {
  const names = distinctNames(
    of.rows.map(({ model, version }) => ({ model, version: versions.find(({ id }) => id === version) })),
  );
  const [first] = of.rows;
  const stand = standings(of, names);
  const said = stand.flatMap(standing);
  const draw = (key: MetricKey, target?: number) => plot(of, names, key, target);
  return h(
    "section",
    { class: "panel report", testid: "evaluation" },
    h("h2", { tabindex: -1 }, "The report"),
    h(
      "p",
      {},
      `${held}, the models were trained anew on the rest, and made lists of ${of.k}. `,
      first &&
        `Measured on ${count(first.metrics.ratings)} ratings; lists, with ${count(first.metrics.users)} people. `,
      "Bars are 95% intervals: had other people been drawn, the figure would most likely lie within.",
    ),
    of.warnings.map(({ code, message }) => h("p", { class: "note", role: "note", "data-code": code }, message)),
    part(
      "Is the difference real?",
      "The best model against each other one, on the same people drawn a thousand times anew.",
      said.length > 0 && h("ul", { class: "plain-list verdicts", testid: "verdicts" }, said),
      idle(of, names),
      said.length > 0 && h("div", { class: "plots" }, stand.map(gaps)),
    ),
    part(
      "Lists",
      "What people see: are the films they liked in it?",
      plots(draw("ndcg"), draw("recall"), draw("precision"), draw("auc")),
    ),
    part("Expected ratings", "The figure beside each film: how far is it off?", plots(draw("rmse"), draw("mae"))),
    part(
      "Range",
      "Whether lists are more than the same few films for everybody.",
      plots(draw("coverage"), draw("novelty"), draw("diversity"), draw("tailShare")),
    ),
    part(
      "Doubt",
      "Whether a model knows what it does not know.",
      plots(draw("coverage90", 0.9), draw("ece")),
      reliability(of.rows, names),
    ),
    part(
      "For whom",
      "A mean hides whom a model fails: newcomers, or films that few have seen.",
      h(
        "div",
        { class: "plots" },
        segmentTable(of.rows, names, ["new", "light", "heavy"], "ndcg", `nDCG@${of.k} by person`),
        segmentTable(of.rows, names, ["new", "light", "heavy"], "rmse", "RMSE by person"),
        segmentTable(of.rows, names, ["popular", "tail"], "recall", `Recall@${of.k} by film`),
        segmentTable(of.rows, names, ["popular", "tail"], "rmse", "RMSE by film"),
      ),
    ),
    allFigures(of, names),
    simulated && h("p", { class: "small" }, "The people are simulated; so is what these figures say about them."),
  );
}
