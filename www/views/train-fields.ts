/** Fields for the parameters of a model, made from what the engine says of them. */
import type { ModelKind, ParamInfo, ParamValue } from "tasteprint";
import type { App } from "../app.ts";
import { h, uid } from "../ui/dom.ts";
import { around, checked } from "../ui/field.ts";
import { parameterWords, rangeWords, valueWords } from "../ui/model-words.ts";
import { declaredFields } from "./train-declared.ts";

export interface ParameterFields {
  /** Those that most people who change anything change. */
  main: HTMLElement;
  /** The others. */
  more: HTMLElement;
  hasMore: boolean;
  /** What was filled in; what was not takes its default. */
  values(): Record<string, ParamValue>;
  /** Fills in what differs from the defaults, and empties the rest. */
  fill(values: Readonly<Record<string, ParamValue>>): void;
  /** Looks at what only the engine can judge; afterwards the controls themselves say what is wrong. */
  check(): Promise<void>;
  /** Shows what there is to choose from now; what was chosen stays. */
  refresh(): void;
}

type Ranged = Exclude<ParamInfo, { kind: "choice" | "flag" }>;

/** A field of one parameter. */
export interface Field {
  name: string;
  /** True where it is not folded away. */
  main: boolean;
  element: HTMLElement;
  /** Nothing where it is the default. */
  read(): ParamValue | undefined;
  write(value: ParamValue | undefined): void;
  check?(): Promise<void> | void;
  refresh?(): void;
}

/** What the engine would refuse, said before it is asked. */
function complaint(info: Ranged, x: number): string {
  const low = info.kind === "above" ? x > info.min : x >= info.min;
  if (!low || x > info.max) return `Please give a value in the range: ${rangeWords(info)}.`;
  return info.kind === "whole" && !Number.isInteger(x) ? "Please give a whole number." : "";
}

function number(model: ModelKind, info: Ranged): Field {
  const id = uid("param");
  const { label, help, main = false } = parameterWords(model.name, info.name);
  const whole = info.kind === "whole";
  const input = h("input", {
    id,
    type: "number",
    name: info.name,
    // The range is checked here and not by attributes: "above 0" is none that they know.
    step: "any",
    inputmode: whole ? "numeric" : "decimal",
    placeholder: valueWords(info.default),
    autocomplete: "off",
  });
  const check = checked(input, () => complaint(info, input.valueAsNumber));
  return {
    name: info.name,
    main,
    element: around(input, label, help, `${rangeWords(info)}; default ${valueWords(info.default)}`),
    read: () => (input.value === "" ? undefined : input.valueAsNumber),
    write(value) {
      input.value = typeof value === "number" && value !== info.default ? String(value) : "";
      check();
    },
  };
}

function choice(model: ModelKind, info: Extract<ParamInfo, { kind: "choice" | "flag" }>): Field {
  const id = uid("param");
  const { label, help, main = false } = parameterWords(model.name, info.name);
  const options = info.kind === "flag" ? ["no", "yes"] : info.choices;
  const usual = info.kind === "flag" ? valueWords(info.default) : info.default;
  const select = h(
    "select",
    { id, name: info.name },
    options.map((word) =>
      h(
        "option",
        { value: word, selected: word === usual },
        word === usual ? `${valueWords(word)} (default)` : valueWords(word),
      ),
    ),
  );
  return {
    name: info.name,
    main,
    element: around(select, label, help),
    read: () => (select.value === usual ? undefined : info.kind === "flag" ? select.value === "yes" : select.value),
    write(value) {
      select.value = value === undefined ? usual : info.kind === "flag" ? valueWords(value) : String(value);
    },
  };
}

export function parameterFields(app: App, model: ModelKind): ParameterFields {
  const plain = model.params.map((info) =>
    info.kind === "choice" || info.kind === "flag" ? choice(model, info) : number(model, info),
  );
  const fields = [...declaredFields(app, model), ...plain];
  const of = (main: boolean) => fields.filter((field) => field.main === main).map(({ element }) => element);
  const more = of(false);
  return {
    main: h("div", { class: "fields" }, ...of(true)),
    more: h("div", { class: "fields" }, ...more),
    hasMore: more.length > 0,
    values: () =>
      Object.fromEntries(
        fields.flatMap(({ name, read }) => {
          const value = read();
          return value === undefined ? [] : [[name, value]];
        }),
      ),
    fill(values) {
      for (const { name, write } of fields) write(values[name]);
    },
    async check() {
      await Promise.all(fields.map((field) => field.check?.()));
    },
    refresh() {
      for (const field of fields) field.refresh?.();
    },
  };
}
