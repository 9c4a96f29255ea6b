/**
 * docs/model-selection.md, written from the template beside this file and the lines that were kept (`results.mjs`).
 * In the template `{{name}}` stands for a table and `{{case | model | metric}}` for a figure. What was not measured is
 * a dash.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib/paths.mjs";
import { documented, models, paramsFor } from "./models.mjs";
import { kept } from "./results.mjs";
import { tables } from "./tables.mjs";

export const template = join(root, "tools/bench/model-selection.md");
export const document = join(root, "docs/model-selection.md");

/** Rows of the tables: every model, and those of its documented settings that are models of their own. */
export const rows = models.flatMap((model) =>
  model === "factorization-machine"
    ? [
        { label: model, model, params: () => [undefined, {}] },
        { label: `${model}, ids alone`, model, params: () => [{ content: false }] },
        { label: `${model}, with history`, model, params: () => [{ history: "both" }] },
      ]
    : [{ label: model, model, params: (name) => [paramsFor(model, name), paramsFor(model, name) && {}] }],
);

/** What the text speaks of beside them. */
const inText = [
  {
    label: "factorization-machine, without context",
    model: "factorization-machine",
    params: () => [{ context: false }],
  },
  { label: "random-forest, as its peer", model: "random-forest", params: () => [{ trees: 100, maxFeatures: 1 }] },
];

/** Where to find a figure: `of(row, case, metric)`, and `line(suite, case, model, metric)` for all of a line. */
export function figures(lines) {
  const key = (...parts) => JSON.stringify(parts);
  const index = new Map();
  for (const row of lines) {
    const { suite, case: name, model, metric, settings } = row;
    if ((settings.seed ?? 1) !== 1) continue;
    const params = suite === "accuracy" ? settings.params : null;
    index.set(key(suite, name, model, metric, params), row);
  }
  const line = (suite, name, model, metric, params = null) => index.get(key(suite, name, model, metric, params));
  const of = ({ model, params }, name, metric) => {
    for (const given of params(name)) {
      const found = line("accuracy", name, model, metric, given ?? "defaults");
      if (found) return found.value;
    }
    return undefined;
  };
  return { of, line };
}

/** A number as it stands in text: without the 0 before the point. */
export const shown = (value, digits = 3) =>
  value === undefined ? "–" : value.toFixed(digits).replace(/^(-?)0\./, "$1.");

/** The document. */
export function render(text, lines) {
  const found = figures(lines);
  return text.replace(/\{\{([^}]+)\}\}/g, (_, inside) => {
    const [name, model, metric, digits] = inside.split("|").map((part) => part.trim());
    if (model === undefined) {
      if (!Object.hasOwn(tables, name)) throw new Error(`the template asks for a table "${name}"`);
      return tables[name]({ ...found, rows, shown, documented: documented() });
    }
    const row = [...rows, ...inText].find(({ label }) => label === model);
    const value = row ? found.of(row, name, metric) : found.line("speed", name, model, metric)?.value;
    return shown(value ?? found.line("speed", name, model, metric)?.value, Number(digits ?? 3));
  });
}

/** Writes it, and says what should be measured again. */
export function writeDocs() {
  const lines = kept().filter(({ suite }) => suite !== "size");
  const latest = lines.at(-1)?.package;
  const stale = lines.filter((line) => line.package !== latest);
  if (stale.length) {
    const cases = new Set(stale.map(({ suite, case: name, model }) => `${suite} ${name} ${model}`));
    console.error(`measured with an earlier package:\n  ${[...cases].join("\n  ")}`);
  }
  writeFileSync(document, render(readFileSync(template, "utf8"), lines));
  console.error(`✓ ${document}`);
}
