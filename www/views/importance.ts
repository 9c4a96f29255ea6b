/** What a model of features goes by: importance by field, and what was noticed while it learned. */
import type { FeatureReport, ModelVersion } from "tasteprint";
import { sheet } from "../ui/dialog.ts";
import { h } from "../ui/dom.ts";
import { droppedText, type FieldShare, fieldShares, fitText, outlierText, triedText } from "../ui/feature-words.ts";
import { listed, percent } from "../ui/format.ts";
import { modelName } from "../ui/model-words.ts";

/** Fields that are drawn; of one field, columns. */
const DRAWN = 15;
const PARTS = 12;

export function goesBy(version: ModelVersion, report: FeatureReport): void {
  sheet(`${modelName(version.model)}: what it goes by`, importance(version, report));
}

function importance({ model }: ModelVersion, report: FeatureReport): HTMLElement {
  const fields = fieldShares(report);
  const shown = fields.filter((field) => field.importance > 0).slice(0, DRAWN);
  const rest = fields.slice(shown.length).reduce((sum, field) => sum + field.importance, 0);
  const widest = Math.max(...shown.map((field) => field.importance), 0.01);
  const dropped = droppedText(report);
  const outliers = outlierText(report);
  const how =
    (model as string) === "random-forest"
      ? "The share each feature has in what the forest's splits take off its error."
      : "The share each feature has in the weights, each by how far the feature ranges.";
  return h(
    "div",
    { class: "importance", testid: "importance" },
    h("p", {}, how, " It says what the model looks at, not what causes a liking."),
    shown.length > 0
      ? h(
          "ol",
          { class: "bars" },
          shown.map((field) => h("li", { testid: "importance-field", "data-field": field.field }, row(field, widest))),
        )
      : h("p", { class: "note" }, "No feature makes a difference: everybody is expected to give the same rating."),
    rest >= 0.0005 && h("p", { class: "small" }, `All other features together: ${percent(rest)}.`),
    h("h3", {}, "How it learned"),
    h(
      "ul",
      { class: "plain-list" },
      fitText(report.fit).map((text) => h("li", {}, text)),
      triedText(report).map((text) => h("li", {}, text)),
      outliers.map((text) => h("li", {}, text)),
    ),
    dropped.length > 0 &&
      h(
        "details",
        {},
        h("summary", {}, "Left out, as they say nothing here or nothing new"),
        h("p", { class: "small" }, `${listed(dropped)}.`),
      ),
  );
}

function row(field: FieldShare, widest: number): HTMLElement {
  const line = bar(field.label, field.importance, widest);
  if (field.parts.length < 2) return line;
  const parts = field.parts.slice(0, PARTS);
  const left = field.parts.slice(PARTS).reduce((sum, part) => sum + part.importance, 0);
  return h(
    "details",
    {},
    h("summary", {}, line),
    h(
      "ul",
      { class: "bars parts" },
      parts.map((part) => h("li", {}, bar(part.label, part.importance, widest))),
      left >= 0.0005 && h("li", {}, bar("all others", left, widest)),
    ),
  );
}

function bar(label: string, value: number, widest: number): HTMLElement {
  const fill = h("span", { class: "bar-fill" });
  fill.style.width = `${(value / widest) * 100}%`;
  return h(
    "span",
    { class: "bar" },
    h("span", { class: "bar-name" }, label),
    h("span", { class: "bar-track", "aria-hidden": "true" }, fill),
    h("span", { class: "bar-value" }, percent(value)),
  );
}
