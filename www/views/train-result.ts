/** What came of a training: figures beside those of popularity, or why there are none. */
import type { ModelVersion, TrainResult } from "tasteprint";
import { h } from "../ui/dom.ts";
import { bytes, count, metric, span } from "../ui/format.ts";
import { better, METRICS } from "../ui/metrics.ts";
import { modelName } from "../ui/model-words.ts";

/** What to do about each reason for not having trained. */
const WAY_OUT: Record<string, string> = {
  "not-enough-ratings": "Load the simulated community, or import ratings on the Data page.",
  "one-user": "A model of many people's taste needs other people: load the simulated community, or import ratings.",
  "one-item": "All ratings are of one film. Import ratings of more of them.",
};

/** Said where learning went on for a while after the best epoch: the curve alone would leave that open. */
function chosenEpoch({ history, params }: ModelVersion, aim: "ratings" | "lists"): string {
  const last = history.at(-1);
  if (last?.validation === undefined || !(typeof params.epochs === "number" && last.epoch < params.epochs)) return "";
  const sign = aim === "lists" ? -1 : 1;
  const best = history.reduce((a, b) => (sign * ((b.validation ?? 0) - (a.validation ?? 0)) < 0 ? b : a));
  if (best.epoch === last.epoch) return "";
  return `It stopped after epoch ${count(last.epoch)}, since epoch ${count(best.epoch)} could not be bettered: the model is that one's. `;
}

/** `offer` stands below the answer where there was too little to learn from. */
export function trainResult(
  result: TrainResult,
  aim: "ratings" | "lists",
  simulated: boolean,
  offer: HTMLElement,
): HTMLElement {
  if (!result.trained) {
    return h(
      "section",
      { class: "panel", testid: "train-result", "data-trained": "false" },
      h("h2", {}, "Not trained, and that is all right"),
      h("p", {}, result.message),
      h("p", {}, WAY_OUT[result.reason] ?? ""),
      h("p", { class: "actions" }, offer),
    );
  }
  const { metrics, baseline } = result;
  return h(
    "section",
    { class: "panel", testid: "train-result", "data-trained": "true", "data-version": result.id },
    h("h2", {}, `${modelName(result.model)} is trained`),
    h(
      "p",
      {},
      `${count(result.data.ratings)} ratings in ${span(result.trainingMs)}, ${bytes(result.bytes)}, seed ${result.seed}. `,
      chosenEpoch(result, aim),
      result.active ? "Your suggestions come from it now." : "Activate it on the Models page.",
    ),
    metrics
      ? h(
          "div",
          { class: "scroll", tabindex: 0, role: "region", "aria-label": "Metrics" },
          h(
            "table",
            { class: "figures" },
            h("caption", { class: "sr-only" }, "Metrics on held-out ratings"),
            h(
              "thead",
              {},
              h(
                "tr",
                {},
                h("th", { scope: "col" }, "On held-out ratings"),
                h("th", { scope: "col", class: "number" }, "This model"),
                h("th", { scope: "col", class: "number" }, "Popularity"),
                h("th", { scope: "col" }, h("span", { class: "sr-only" }, "Verdict")),
              ),
            ),
            h(
              "tbody",
              {},
              METRICS.map(({ key, label, says, higherIsBetter }) => {
                const [mine, plain] = [metrics[key], baseline?.[key]];
                const gain = mine === undefined || plain === undefined ? 0 : better(mine, plain, higherIsBetter);
                const verdict = Math.abs(gain) < 0.0005 ? "" : gain > 0 ? "better" : "worse";
                return h(
                  "tr",
                  { "data-metric": key },
                  h("th", { scope: "row" }, label(metrics.k), h("span", { class: "small" }, says)),
                  h("td", { class: "number" }, metric(mine)),
                  h("td", { class: "number" }, metric(plain)),
                  h("td", {}, verdict && h("span", { class: `verdict ${verdict}` }, verdict)),
                );
              }),
            ),
          ),
        )
      : h("p", {}, "Nothing was held out, so nothing was measured."),
    metrics &&
      h(
        "p",
        { class: "small" },
        `Measured on ${count(metrics.ratings)} ratings the model had not seen, of ${count(metrics.users)} people. `,
        simulated &&
          "The people are simulated: the figures show that learning works, not how well it would do with real ones.",
      ),
  );
}
