/** Figures of several versions side by side. */
import type { Comparison, EvaluationReport } from "tasteprint";
import { h } from "../ui/dom.ts";
import { dateTime, metric, modelName } from "../ui/format.ts";
import { METRICS, metricWords } from "../ui/metrics.ts";

/** Whether the figures differ in what is shown of them. */
const differ = (values: readonly (number | null)[]) => new Set(values.map(metric)).size > 1;

export function comparison({ versions, rows, comparable }: Comparison): HTMLElement {
  const k = versions[0]?.metrics?.k ?? 10;
  const known = rows.filter(({ metric: key }) => metricWords(key));
  return h(
    "section",
    { class: "panel", testid: "comparison" },
    h("h2", {}, "Side by side"),
    !comparable &&
      h(
        "p",
        { class: "note" },
        "These versions were measured on different ratings, so the figures cannot be compared as such.",
      ),
    h(
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
            versions.map(({ model, seed, source, createdAt }) =>
              h(
                "th",
                { scope: "col", class: "number" },
                modelName(model),
                h(
                  "span",
                  { class: "small" },
                  source === "pack" ? "came with the page" : `seed ${seed} · ${dateTime(createdAt)}`,
                ),
              ),
            ),
          ),
        ),
        h(
          "tbody",
          {},
          known.map(({ metric: key, values, best }) =>
            h(
              "tr",
              {},
              h(
                "th",
                { scope: "row" },
                metricWords(key)?.label(k) ?? key,
                h("span", { class: "small" }, metricWords(key)?.says ?? ""),
              ),
              values.map((value, i) =>
                h(
                  "td",
                  { class: "number" },
                  metric(value),
                  comparable && i === best && differ(values) && h("span", { class: "verdict better" }, "best"),
                ),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

export function evaluation(report: EvaluationReport, held: string, simulated: boolean): HTMLElement {
  return h(
    "section",
    { class: "panel", testid: "evaluation" },
    h("h2", {}, "Measured anew"),
    h("p", {}, `${held}, the models were trained anew on the rest. Lists of ${report.k}.`),
    report.warnings.map(({ message }) => h("p", { class: "note" }, message)),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "Evaluation" },
      h(
        "table",
        { class: "figures" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, "Model"),
            METRICS.map(({ label, says }) => h("th", { scope: "col", class: "number", title: says }, label(report.k))),
          ),
        ),
        h(
          "tbody",
          {},
          report.rows.map(({ model, metrics }) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, modelName(model)),
              METRICS.map(({ key }) => h("td", { class: "number" }, metric(metrics[key]))),
            ),
          ),
        ),
      ),
    ),
    simulated && h("p", { class: "small" }, "The people are simulated; so is what these figures say about them."),
  );
}
