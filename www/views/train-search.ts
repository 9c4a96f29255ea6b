/** What a search for good settings found. */
import type { ModelKind, ModelName, ParamValue, SearchResult } from "tasteprint";
import { button, h } from "../ui/dom.ts";
import { metric, plural, span } from "../ui/format.ts";
import { modelName, parameterWords, settingsWords, valueWords } from "../ui/model-words.ts";
import { fail } from "../ui/notices.ts";

type Params = Readonly<Record<string, ParamValue>>;

/** Trials shown before the rest is folded away. */
const SHOWN = 5;

interface Then {
  train(model: ModelName, params: Params): Promise<void>;
  suggest(model: ModelName, params: Params): void;
}

export function searchResult(found: SearchResult, kind: ModelKind | undefined, then: Then): HTMLElement {
  const { model, metric: by, trials, best, stopped, tookMs } = found;
  const params = best.params as Params;
  const name = by === "ndcg" ? "nDCG@10" : "RMSE";
  const measured = trials.filter(({ value }) => value !== undefined);
  const ranked = [...measured].sort((a, b) => ((a.value ?? 0) - (b.value ?? 0)) * (by === "ndcg" ? -1 : 1));
  const usual = trials[0]?.value;
  const same = best.trial === 1;
  const changed = (kind?.params ?? []).filter(({ name: key, default: fallback }) => params[key] !== fallback);
  return h(
    "section",
    { class: "panel", testid: "search-result", "data-model": model },
    h("h2", {}, `Settings for ${modelName(model)}`),
    h(
      "p",
      {},
      `${plural(measured.length, "set")} of parameters measured in ${span(tookMs)}${stopped ? "; then the time was up" : ""}. `,
      same
        ? `Nothing was better than what was tried first: ${name} ${metric(best.value)}.`
        : `The best came to ${name} ${metric(best.value)}${usual === undefined ? "" : `; what was tried first, to ${metric(usual)}`}.`,
    ),
    changed.length > 0 &&
      h(
        "table",
        { class: "figures" },
        h("caption", { class: "sr-only" }, "Settings that differ from the defaults"),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, "Parameter"),
            h("th", { scope: "col", class: "number" }, "Found"),
            h("th", { scope: "col", class: "number" }, "Default"),
          ),
        ),
        h(
          "tbody",
          {},
          changed.map(({ name: key, default: fallback }) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, parameterWords(model, key).label),
              h("td", { class: "number" }, valueWords(params[key])),
              h("td", { class: "number" }, valueWords(fallback)),
            ),
          ),
        ),
      ),
    h(
      "p",
      { class: "actions" },
      button("Train with these", () => then.train(model, params), fail, { kind: "primary", testid: "train-found" }),
      button("Put them into the form", () => then.suggest(model, params), fail),
    ),
    h(
      "p",
      { class: "small" },
      "They were chosen by these very figures, which therefore flatter them a little. The page remembers them for this data.",
    ),
    h(
      "details",
      {},
      h("summary", {}, `All ${plural(trials.length, "trial")}`),
      h(
        "ol",
        { class: "trials" },
        ranked.map((trial, i) =>
          h(
            "li",
            { class: i < SHOWN ? null : "small" },
            h("strong", {}, metric(trial.value)),
            ` ${settingsWords(kind, trial.params as Params)}`,
            trial.epochs > 1 && h("span", { class: "small" }, `after ${plural(trial.epochs, "epoch")}`),
          ),
        ),
      ),
      trials.some(({ error }) => error !== undefined) &&
        h(
          "p",
          { class: "small" },
          `${plural(trials.filter(({ error }) => error !== undefined).length, "trial")} failed: ${trials.find(({ error }) => error)?.error}`,
        ),
    ),
  );
}
