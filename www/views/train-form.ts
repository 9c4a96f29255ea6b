/** The form before a training: model, parameters, held-out part, seed; and the search for good settings. */
import type { BestParams, ModelKind, ModelName, ParamValue, SearchOptions, Split, TrainOptions } from "tasteprint";
import type { App } from "../app.ts";
import { button, fill, h } from "../ui/dom.ts";
import { around, checked } from "../ui/field.ts";
import { metric } from "../ui/format.ts";
import { aimWords, modelName, modelSays, modelTakes, settingsWords } from "../ui/model-words.ts";
import { fail } from "../ui/notices.ts";
import { type ParameterFields, parameterFields } from "./train-fields.ts";

/** What is chosen until somebody chooses. */
const USUAL: ModelName = "matrix-factorization";

const SPLITS: [label: string, split: Split][] = [
  ["A random tenth", { split: "random", fraction: 0.1 }],
  ["The latest tenth", { split: "time", fraction: 0.1 }],
  ["Each person's last rating", { split: "leave-last", n: 1 }],
  ["Nothing (no measurement)", { split: "none" }],
];

const BUDGETS: [label: string, ms: number][] = [
  ["half a minute", 30_000],
  ["2 minutes", 120_000],
  ["10 minutes", 600_000],
];

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
const CONTROLS = "input:invalid, select:invalid, textarea:invalid";

export interface TrainForm {
  element: HTMLFormElement;
  /** Shows the models there are and what is known of them. */
  refresh(): void;
  /** Puts settings into the form. */
  suggest(model: ModelName, params: Readonly<Record<string, ParamValue>>): void;
  /** What goes for all trainings: held-out part and seed. */
  shared(): { validation: Split; seed?: number } | undefined;
  /** While something is under way, nothing else can begin. */
  busy(is: boolean): void;
}

export function trainForm(
  app: App,
  start: (options: TrainOptions & { model: ModelName }) => Promise<void>,
  look: (options: SearchOptions) => Promise<void>,
): TrainForm {
  const made = new Map<ModelName, ParameterFields>();
  let chosen: ModelName = USUAL;
  let listed = "";

  const models = h("fieldset", { class: "choices", testid: "train-model" });
  const known = h("div", {});
  const main = h("div", {});
  const more = h("div", {});
  const split = h(
    "select",
    { id: "split", name: "split", testid: "train-split" },
    SPLITS.map(([label], i) => h("option", { value: i }, label)),
  );
  const seed = h("input", {
    id: "seed",
    type: "number",
    name: "seed",
    step: "any",
    inputmode: "numeric",
    value: 7,
    testid: "train-seed",
  });
  checked(seed, () =>
    Number.isSafeInteger(seed.valueAsNumber) && seed.valueAsNumber >= 0
      ? ""
      : "Please give a whole number, 0 or above.",
  );
  const budget = h(
    "select",
    { "aria-label": "Time for the search", testid: "search-budget" },
    BUDGETS.map(([label, ms]) => h("option", { value: ms }, `for ${label}`)),
  );

  const fields = (): ParameterFields | undefined => {
    const kind = app.kind(chosen);
    if (!kind) return undefined;
    const there = made.get(chosen) ?? parameterFields(app, kind);
    made.set(chosen, there);
    return there;
  };
  const settings = (): Record<string, ParamValue> => fields()?.values() ?? {};

  const go = button("Train this model", () => submit(), fail, { kind: "primary", testid: "train-start", submit: true });
  const find = button("Find good settings", () => search(), fail, { testid: "search-start" });
  const advanced = h("details", { class: "advanced" }, h("summary", {}, "More parameters"), more);
  const seeking = h(
    "div",
    { class: "seek" },
    h("p", { class: "actions" }, find, budget),
    h(
      "p",
      { class: "small" },
      "Tries the defaults first, then others by lot, on a fifth of the ratings held out. What is filled in above stays.",
    ),
  );
  const element = h(
    "form",
    // The fields complain by themselves, in the page's own words.
    { class: "panel train-form", novalidate: true },
    h("h2", {}, "How it learns"),
    models,
    known,
    main,
    advanced,
    h(
      "div",
      { class: "field-pair" },
      around(split, "Held out to measure", "The model never sees these"),
      around(seed, "Seed", "Same seed, same model; empty: by lot"),
    ),
    h("p", { class: "actions" }, go),
    seeking,
  );
  element.addEventListener("submit", (event) => event.preventDefault());

  function adapt(): void {
    const shown = fields();
    const kind = app.kind(chosen);
    if (!shown || !kind) return;
    shown.refresh();
    // What is there stays there, and with it the focus of somebody who is filling it in.
    if (main.firstChild !== shown.main) {
      fill(main, shown.main);
      fill(more, shown.more);
    }
    advanced.hidden = !shown.hasMore;
    seeking.hidden = !kind.params.some(({ search: drawn }) => drawn !== undefined);
    const best = app.best.find(({ model }) => model === chosen);
    fill(known, best && found(best));
  }

  function found(best: BestParams): HTMLElement {
    return h(
      "div",
      { class: "note" },
      `A search on these ratings came to ${settingsWords(app.kind(best.model), best.params)} `,
      `(${best.metric === "ndcg" ? "nDCG" : "RMSE"} ${metric(best.value)}). `,
      button("Fill them in", () => suggest(best.model, best.params), fail, { kind: "quiet", testid: "use-best" }),
    );
  }

  function option({ name, aim }: ModelKind): HTMLElement {
    const input = h("input", { type: "radio", name: "model", value: name, checked: name === chosen });
    input.addEventListener("change", () => {
      chosen = name;
      adapt();
    });
    const takes = modelTakes(name);
    return h(
      "label",
      { class: "choice" },
      input,
      h("span", { class: "choice-name" }, modelName(name)),
      h("span", { class: "badge" }, aimWords(aim)),
      h(
        "span",
        { class: "small" },
        [modelSays(name), takes && `Learns ${takes === "at once" ? takes : `in ${takes}`}.`].filter(Boolean).join(" "),
      ),
    );
  }

  function refresh(): void {
    const names = app.kinds.map(({ name }) => name).join();
    if (names !== listed) {
      listed = names;
      fill(
        models,
        h("legend", {}, "Model ", h("span", { class: "small" }, "Times are for a hundred thousand ratings.")),
        app.kinds.map(option),
      );
    }
    adapt();
  }

  function suggest(model: ModelName, params: Readonly<Record<string, ParamValue>>): void {
    chosen = model;
    const radio = models.querySelector<HTMLInputElement>(`[value="${model}"]`);
    if (radio) radio.checked = true;
    adapt();
    fields()?.fill(params);
    element.scrollIntoView({ block: "nearest" });
  }

  /** True where every field says something that can be asked for; else the first that does not is shown. */
  function valid(): boolean {
    const wrong = element.querySelector<Control>(CONTROLS);
    if (!wrong) return true;
    // A field in a closed part cannot show what is wrong with it.
    if (advanced.contains(wrong)) advanced.open = true;
    wrong.focus();
    // Tells the field itself, which may know the very place.
    wrong.checkValidity();
    return false;
  }

  function shared(): { validation: Split; seed?: number } | undefined {
    if (!valid()) return undefined;
    const validation = SPLITS[Number(split.value)]?.[1] ?? { split: "none" };
    return { validation, ...(seed.value !== "" && { seed: seed.valueAsNumber }) };
  }

  async function submit(): Promise<void> {
    await fields()?.check();
    const common = shared();
    if (common) await start({ model: chosen, params: settings(), ...common });
  }

  async function search(): Promise<void> {
    await fields()?.check();
    const common = shared();
    if (!common) return;
    await look({
      model: chosen,
      params: settings(),
      timeBudgetMs: Number(budget.value),
      ...(common.seed !== undefined && { seed: common.seed }),
    });
  }

  function busy(is: boolean): void {
    for (const each of [go, find]) {
      if (is) each.setAttribute("aria-disabled", "true");
      else each.removeAttribute("aria-disabled");
    }
  }

  return { element, refresh, suggest, shared, busy };
}
