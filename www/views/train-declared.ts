/** Fields for features and likings: one of what stands ready, or one's own as JSON, which the engine looks at. */
import { type FeatureSpec, type LabelRule, type ModelKind, type ParamValue, TasteprintError } from "tasteprint";
import type { App } from "../app.ts";
import {
  type Complaint,
  complaintIn,
  type Declaration,
  FEATURES,
  likings,
  OWN_FEATURES,
  ownLiking,
  pretty,
} from "../ui/declared.ts";
import { debounce, h, latest, uid } from "../ui/dom.ts";
import { around, complain } from "../ui/field.ts";
import { parameterWords } from "../ui/model-words.ts";
import type { Field } from "./train-fields.ts";
import { members } from "./train-members.ts";

const OWN = "own";

function declared(
  app: App,
  model: ModelKind,
  name: "features" | "label",
  choices: readonly Declaration[],
  start: FeatureSpec | LabelRule,
): Field {
  const { label, help } = parameterWords(model.name, name);
  const newest = latest();
  const about = h("span", {});
  const select = h(
    "select",
    { id: uid("param"), name, testid: `declare-${name}` },
    choices.map((choice, i) => h("option", { value: i }, choice.label)),
    h("option", { value: OWN }, "My own, as JSON"),
  );
  const editor = h("textarea", {
    id: uid("param"),
    name: `${name}-own`,
    testid: `own-${name}`,
    rows: 12,
    spellcheck: "false",
    autocapitalize: "off",
    autocomplete: "off",
    value: pretty(start),
  });
  const own = around(editor, `${label}, as JSON`, "What can stand here: docs/features.md of the package.");
  let complaint: Complaint | undefined;

  const parsed = (): unknown => JSON.parse(editor.value);

  /** What is wrong with what was written, by the parser or else by the engine. */
  async function look(): Promise<Complaint | undefined> {
    if (select.value !== OWN) return undefined;
    let value: unknown;
    try {
      value = parsed();
    } catch (error) {
      return { text: `This is no JSON: ${(error as Error).message}`, from: 0, to: 0 };
    }
    try {
      await app.taste.models.check({ model: model.name, params: { [name]: value } });
    } catch (error) {
      if (!(error instanceof TasteprintError) || !error.details.place) throw error;
      return complaintIn(editor.value, name, error);
    }
    return undefined;
  }

  async function check(): Promise<void> {
    const mine = newest();
    const said = await look();
    if (!mine()) return;
    complaint = said;
    complain(editor, said?.text ?? "");
  }

  function show(): void {
    const isOwn = select.value === OWN;
    own.hidden = !isOwn;
    about.textContent = isOwn ? help : `${choices[Number(select.value)]?.help ?? ""}.`;
  }

  select.addEventListener("change", () => {
    show();
    void check();
  });
  editor.addEventListener("input", debounce(300, check));
  // Where it is wrong can be seen when there is nothing else to be seen.
  editor.addEventListener("invalid", () => complaint && editor.setSelectionRange(complaint.from, complaint.to));
  show();
  return {
    name,
    main: true,
    element: h("div", { class: "declared" }, around(select, label, about), own),
    read() {
      if (select.value !== OWN) return choices[Number(select.value)]?.value;
      return parsed() as ParamValue;
    },
    write(value) {
      const at = choices.findIndex((choice) => JSON.stringify(choice.value) === JSON.stringify(value));
      select.value = at < 0 ? OWN : String(at);
      if (at < 0) editor.value = pretty(value);
      show();
      void check();
    },
    check,
  };
}

/** Fields for what a model has declared as data; numbers, choices and flags are not among it. */
export function declaredFields(app: App, model: ModelKind): Field[] {
  const features = () => declared(app, model, "features", FEATURES, OWN_FEATURES);
  switch (model.name) {
    case "random-forest":
      return [features()];
    case "logistic-regression":
      return [features(), declared(app, model, "label", likings(app.scale), ownLiking(app.scale))];
    case "ensemble":
      return [members(app)];
    default:
      return [];
  }
}
