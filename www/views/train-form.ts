/** The form before a training: model, held-out part, seed, and the parameters for those who want them. */
import type { ModelName, Split, TrainOptions } from "tasteprint";
import { button, fill, h, uid } from "../ui/dom.ts";
import { fail } from "../ui/notices.ts";

interface Parameter {
  name: string;
  label: string;
  help: string;
  min: number;
  max: number;
  /** True where `min` itself is not allowed. */
  above?: boolean;
  whole?: boolean;
  fallback: number;
}

/** Names, ranges and defaults as `MatrixFactorizationParams` and `PopularityParams` document them. */
const PARAMETERS: Record<ModelName, Parameter[]> = {
  "matrix-factorization": [
    { name: "factors", label: "Factors", help: "Directions of taste", min: 1, max: 512, whole: true, fallback: 64 },
    { name: "epochs", label: "Epochs", help: "At most", min: 1, max: 1000, whole: true, fallback: 60 },
    { name: "learningRate", label: "Learning rate", help: "Step", min: 0, max: 1, above: true, fallback: 0.02 },
    { name: "regularization", label: "Regularization", help: "Against overfitting", min: 0, max: 10, fallback: 0.11 },
    { name: "biasRegularization", label: "On biases", help: "Regularization", min: 0, max: 10, fallback: 0.02 },
    {
      name: "learningRateDecay",
      label: "Decay",
      help: "Of the step, per epoch",
      min: 0,
      max: 1,
      above: true,
      fallback: 0.95,
    },
    { name: "initScale", label: "First factors", help: "Standard deviation", min: 0, max: 1, fallback: 0.2 },
  ],
  popularity: [
    { name: "shrinkage", label: "Shrinkage", help: "Average ratings in advance", min: 0, max: 10000, fallback: 10 },
  ],
};

const MODELS: [ModelName, string, string][] = [
  [
    "matrix-factorization",
    "Matrix factorization",
    "Learns directions of taste from who rated what; fits you into them.",
  ],
  [
    "popularity",
    "Popularity",
    "The mean rating of each film. Knows nothing of you, and is what others are measured by.",
  ],
];

const SPLITS: [label: string, split: Split][] = [
  ["A random tenth", { split: "random", fraction: 0.1 }],
  ["The latest tenth", { split: "time", fraction: 0.1 }],
  ["Each person's last rating", { split: "leave-last", n: 1 }],
  ["Nothing (no measurement)", { split: "none" }],
];

function parameterField(p: Parameter): HTMLElement {
  const id = uid("param");
  const range = `${p.above ? "above " : ""}${p.min} to ${p.max}`;
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, p.label),
    h("input", {
      id,
      type: "number",
      name: p.name,
      min: p.min,
      max: p.max,
      step: p.whole ? 1 : "any",
      inputmode: p.whole ? "numeric" : "decimal",
      placeholder: p.fallback,
      "aria-describedby": `${id}-help`,
    }),
    h("p", { class: "small", id: `${id}-help` }, `${p.help}; ${range}`),
  );
}

export function trainForm(start: (options: TrainOptions) => Promise<void>): { element: HTMLFormElement } {
  const fields = h("div", { class: "fields" });
  const about = h("p", { class: "small", id: "model-about" });
  const model = h(
    "select",
    { id: "model", name: "model", testid: "train-model", "aria-describedby": "model-about" },
    MODELS.map(([value, label]) => h("option", { value }, label)),
  );
  const split = h(
    "select",
    { id: "split", name: "split", testid: "train-split" },
    SPLITS.map(([label], i) => h("option", { value: i }, label)),
  );
  const seed = h("input", {
    id: "seed",
    type: "number",
    name: "seed",
    min: 0,
    step: 1,
    value: 7,
    testid: "train-seed",
  });
  const chosen = () => model.value as ModelName;
  const adapt = () => {
    about.textContent = MODELS.find(([value]) => value === chosen())?.[2] ?? "";
    fill(fields, PARAMETERS[chosen()].map(parameterField));
  };
  model.addEventListener("change", adapt);

  const go = button("Train", () => submit(), fail, { kind: "primary", testid: "train-start" });
  const advanced = h(
    "details",
    { class: "advanced" },
    h("summary", {}, "Advanced"),
    h("p", { class: "small" }, "Empty fields take the default that is shown in them."),
    fields,
  );
  const element = h(
    "form",
    { class: "panel train-form" },
    h("h2", {}, "How it learns"),
    h("div", { class: "field" }, h("label", { for: "model" }, "Model"), model, about),
    h(
      "div",
      { class: "field-pair" },
      h("div", { class: "field" }, h("label", { for: "split" }, "Held out to measure"), split),
      h(
        "div",
        { class: "field" },
        h("label", { for: "seed" }, "Seed"),
        seed,
        h("p", { class: "small" }, "Same seed, same model; empty: by lot"),
      ),
    ),
    advanced,
    h("p", { class: "actions" }, go),
  );
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    go.click();
  });
  adapt();

  async function submit(): Promise<void> {
    if (!element.checkValidity()) {
      // A field in a closed part cannot show what is wrong with it.
      if (advanced.querySelector(":invalid")) advanced.open = true;
      element.reportValidity();
      return;
    }
    const params: Record<string, number> = {};
    for (const input of fields.querySelectorAll("input")) {
      if (input.value !== "") params[input.name] = input.valueAsNumber;
    }
    await start({
      model: chosen(),
      params,
      validation: SPLITS[Number(split.value)]?.[1] ?? { split: "none" },
      ...(seed.value === "" ? {} : { seed: seed.valueAsNumber }),
    });
  }

  return { element };
}
