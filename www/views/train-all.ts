/** All models in turn: who waits, who learns, and what came of each. */
import type { ModelName, ModelVersion, RetrainProgress, RetrainResult } from "tasteprint";
import type { App } from "../app.ts";
import { button, fill, h } from "../ui/dom.ts";
import { dotPlot } from "../ui/dots.ts";
import { brief, metric, plural } from "../ui/format.ts";
import { modelName } from "../ui/model-words.ts";
import { fail } from "../ui/notices.ts";

export interface Queue {
  element: HTMLElement;
  /** A model is under way. */
  at(progress: RetrainProgress): void;
  /** A model is there. */
  done(version: ModelVersion): void;
}

/** The models in the order of their turn; those that are done say what they came to. */
export function queue(names: readonly ModelName[]): Queue {
  const rows = new Map(
    names.map((name) => [
      name,
      h("li", { "data-state": "waiting" }, h("span", {}, modelName(name)), h("span", {}, "waits")),
    ]),
  );
  const element = h("ol", { class: "queue" }, ...rows.values());
  const set = (name: ModelName, state: string, text: string) => {
    const row = rows.get(name);
    if (!row || row.dataset.state === state) return;
    row.dataset.state = state;
    const [, words] = row.children;
    if (words) fill(words, text);
  };
  return {
    element,
    at({ model, index }) {
      // Whoever had a turn before and came to nothing will be explained in the end.
      for (const name of names.slice(0, index - 1))
        if (rows.get(name)?.dataset.state !== "done") set(name, "failed", "not trained");
      set(model, "now", "learns");
    },
    done({ model, metrics }) {
      set(model, "done", metrics ? `RMSE ${metric(metrics.rmse)} · nDCG ${metric(metrics.ndcg)}` : "trained");
    },
  };
}

const isTrained = (result: RetrainResult): result is ModelVersion & { trained: true } => result.trained;

/** Figures of all models, best list first, and why some have none. */
export function allResults(app: App, results: readonly RetrainResult[]): HTMLElement {
  const trained = results.filter(isTrained).sort((a, b) => (b.metrics?.ndcg ?? 0) - (a.metrics?.ndcg ?? 0));
  const failed = results.filter((result) => !result.trained);
  const serving = trained.find(({ active }) => active);
  const k = trained[0]?.metrics?.k ?? 10;
  const measured = trained.filter(({ metrics }) => metrics !== undefined);
  const lowest = Math.min(...measured.map(({ metrics }) => metrics?.rmse ?? Number.POSITIVE_INFINITY));
  const best = (is: boolean) => is && h("span", { class: "sr-only" }, " best");
  const cell = (value: number | undefined, leads: boolean) =>
    h("td", { class: `number${leads ? " leading" : ""}` }, metric(value), best(leads));
  const dots = (of: (version: ModelVersion) => number | undefined) =>
    measured.map((version) => ({
      name: modelName(version.model),
      value: of(version),
      plain: version.model === "popularity",
    }));
  return h(
    "section",
    { class: "panel", testid: "all-result" },
    h("h2", {}, `${plural(trained.length, "model")} trained`),
    h(
      "p",
      {},
      serving ? `${modelName(serving.model)} makes the best lists, and makes yours now. ` : "",
      measured.length > 0 && "All were measured on the same ratings, which none of them had seen.",
    ),
    failed.map((result) =>
      h(
        "p",
        { class: "note" },
        h("strong", {}, modelName(result.model)),
        ` is not among them: ${"message" in result ? result.message : ""}`,
      ),
    ),
    measured.length > 1 && [
      dotPlot(
        dots(({ metrics }) => metrics?.ndcg),
        { title: `nDCG@${k}: likes, and how far up`, higherIsBetter: true, best: 0 },
      ),
      dotPlot(
        dots(({ metrics }) => metrics?.rmse),
        {
          title: "RMSE: how far expected ratings are off",
          higherIsBetter: false,
          best: measured.findIndex(({ metrics }) => metrics?.rmse === lowest),
        },
      ),
    ],
    trained.length > 0 &&
      h(
        "div",
        { class: "scroll", tabindex: 0, role: "region", "aria-label": "All models" },
        h(
          "table",
          { class: "figures" },
          h("caption", { class: "sr-only" }, "Figures of all models on held-out ratings, best lists first"),
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              h("th", { scope: "col" }, "Model"),
              [`nDCG@${k}`, "RMSE", "Coverage", "Time"].map((text) => h("th", { scope: "col", class: "number" }, text)),
            ),
          ),
          h(
            "tbody",
            {},
            trained.map(({ id, model, metrics, trainingMs }, i) =>
              h(
                "tr",
                { "data-version": id, "data-model": model },
                h("th", { scope: "row" }, modelName(model)),
                cell(metrics?.ndcg, i === 0 && measured.length > 1),
                cell(metrics?.rmse, metrics?.rmse === lowest && measured.length > 1),
                cell(metrics?.coverage, false),
                h("td", { class: "number" }, brief(trainingMs)),
              ),
            ),
          ),
        ),
      ),
    trained.length > 1 &&
      h(
        "p",
        { class: "actions" },
        button(
          "Compare them closely",
          () => {
            app.choose(trained.map(({ id }) => id));
            location.hash = "models";
          },
          fail,
          { testid: "compare-all" },
        ),
      ),
    measured.length > 0 &&
      app.simulatedData &&
      h("p", { class: "small" }, "The people are simulated: who is best here need not be best with real ones."),
  );
}
