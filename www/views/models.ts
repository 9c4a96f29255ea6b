/** Models: every version there is, which one serves, and how two of them differ. */
import type { ModelVersion } from "tasteprint";
import { type App, SIMULATED, type View } from "../app.ts";
import { confirm } from "../ui/dialog.ts";
import { button, empty, fill, h, latest } from "../ui/dom.ts";
import { count, dateTime, metric, modelName, percent } from "../ui/format.ts";
import { fail, say } from "../ui/notices.ts";
import { comparison, evaluation } from "./compare.ts";

export function modelsView(app: App): View {
  const chosen = new Set<string>();
  const ask = latest();
  const table = h("div", { class: "versions" });
  const compared = h("div", { "aria-live": "polite" });
  const evaluated = h("div", { "aria-live": "polite" });
  const back = button(
    "Roll back",
    async () => {
      const version = await app.taste.models.rollback();
      await app.touch();
      say(`${title(version)} serves again.`);
    },
    fail,
    { testid: "rollback-button", label: "Roll back to the version that served before" },
  );
  const measure = button(
    "Measure the active model anew",
    async () => {
      // By time where there are times: a random part would let the future explain the past.
      const split = app.data?.from === undefined ? "random" : "time";
      const report = await app.taste.evaluate({ protocol: { split, fraction: 0.2 }, seed: 7 });
      const held =
        split === "time"
          ? "The latest fifth of the ratings was held out"
          : "A random fifth of the ratings was held out";
      fill(evaluated, evaluation(report, held, app.simulatedData));
    },
    fail,
    { testid: "evaluate-button" },
  );

  const element = h(
    "section",
    { class: "view models", "aria-labelledby": "models-title" },
    h(
      "header",
      { class: "view-head" },
      h(
        "div",
        {},
        h("h1", { id: "models-title", tabindex: -1 }, "Models"),
        h(
          "p",
          { class: "lead" },
          "Versions do not change once trained. Activating one is instant, and so is going back.",
        ),
      ),
      h("p", { class: "actions" }, measure, back),
    ),
    table,
    compared,
    evaluated,
  );

  const cell = (label: string, text: string, number = true) =>
    h("td", { "data-label": label, class: number ? "number" : null }, text);

  function row(version: ModelVersion): HTMLElement {
    const { id, metrics, data } = version;
    const pick = h("input", { type: "checkbox", "aria-label": `Compare ${title(version)}`, checked: chosen.has(id) });
    pick.addEventListener("change", () => {
      if (pick.checked) chosen.add(id);
      else chosen.delete(id);
      void compare().catch(fail);
    });
    const actions = version.active
      ? [h("span", { class: "badge personal" }, "In use")]
      : [
          button(
            "Activate",
            async () => {
              await app.taste.models.activate(id);
              await app.touch();
              say(`${title(version)} serves now.`);
            },
            fail,
            { testid: "activate-button", label: `Activate ${title(version)}` },
          ),
          button("Remove", () => remove(version), fail, {
            kind: "quiet",
            testid: "remove-button",
            label: `Remove ${title(version)}`,
          }),
        ];
    return h(
      "tr",
      { testid: "model-row", "data-version": id, "data-active": String(version.active) },
      h("td", { class: "pick" }, h("label", {}, pick, h("span", { class: "pick-word" }, "compare"))),
      h("th", { scope: "row" }, modelName(version.model), h("span", { class: "small" }, source(version))),
      h(
        "td",
        { "data-label": "Created" },
        dateTime(version.createdAt),
        h(
          "span",
          { class: "small" },
          version.source === "trained" ? "trained here" : version.source === "pack" ? "came with the page" : "imported",
        ),
      ),
      cell("RMSE", metric(metrics?.rmse)),
      cell(`nDCG@${metrics?.k ?? 10}`, metric(metrics?.ndcg)),
      cell("Precision", metric(metrics?.precision)),
      cell("Recall", metric(metrics?.recall)),
      cell("Coverage", metrics ? percent(metrics.coverage) : "–"),
      h(
        "td",
        { "data-label": "Data", class: "number" },
        count(data.ratings),
        h("span", { class: "small" }, `${count(data.users)} people`),
      ),
      h("td", { class: "row-buttons" }, actions),
    );
  }

  async function remove(version: ModelVersion): Promise<void> {
    const text = `${title(version)} of ${dateTime(version.createdAt)} is deleted from this browser. Training with the same data and seed makes it again.`;
    if (!(await confirm("Remove this version?", text, "Remove it"))) return;
    chosen.delete(version.id);
    await app.taste.models.remove(version.id);
    await app.touch();
  }

  async function compare(): Promise<void> {
    const current = ask();
    const ids = app.versions.map(({ id }) => id).filter((id) => chosen.has(id));
    if (ids.length < 2) {
      const text =
        app.versions.length < 2
          ? "Train another model, and the two can be compared here."
          : ids.length
            ? "Tick one more version to compare."
            : "Tick two versions to compare them.";
      return fill(compared, app.versions.length > 0 && h("p", { class: "small" }, text));
    }
    const answer = await app.taste.models.compare(ids);
    if (current()) fill(compared, comparison(answer));
  }

  async function refresh(): Promise<void> {
    back.hidden = app.versions.length < 2;
    measure.hidden = !app.data?.ratings;
    for (const id of chosen) if (!app.versions.some((version) => version.id === id)) chosen.delete(id);
    if (app.versions.length === 0) {
      fill(
        table,
        empty(
          "No model yet",
          "Train one, and it will be listed here with its figures.",
          h("a", { class: "button primary", href: "#train" }, "Train a model"),
        ),
      );
    } else {
      const heads = [
        "Compare",
        "Model",
        "Created",
        "RMSE",
        "nDCG",
        "Precision",
        "Recall",
        "Coverage",
        "Ratings",
        "Actions",
      ];
      fill(
        table,
        h(
          "table",
          { class: "figures stacking" },
          h("caption", { class: "sr-only" }, "Model versions, newest first"),
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              heads.map((text, i) => {
                // What the boxes and buttons are for is plain to see, not to hear.
                const shown = i === 0 || i === 9 ? h("span", { class: "sr-only" }, text) : text;
                return h("th", { scope: "col", class: i > 2 && i < 9 ? "number" : null }, shown);
              }),
            ),
          ),
          h("tbody", {}, [...app.versions].sort((a, b) => b.createdAt - a.createdAt).map(row)),
        ),
      );
    }
    await compare();
  }

  return { element, refresh };
}

/** What it learned from; a pack does not say it, and the one there is holds the sample. */
const source = ({ source: from, label, seed }: ModelVersion): string =>
  from === "pack" ? SIMULATED : [label, `seed ${seed}`].filter(Boolean).join(" · ");

const title = (version: ModelVersion): string => `${modelName(version.model)} (${source(version)})`;
