/** Fields for the parameters of a model, made from what the engine says of them. */
import type { ModelKind, ParamInfo, ParamValue } from "tasteprint";
import { h, uid } from "../ui/dom.ts";
import { parameterWords, rangeWords, valueWords } from "../ui/model-words.ts";

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
}

type Ranged = Exclude<ParamInfo, { kind: "choice" | "flag" }>;

interface Field {
  info: ParamInfo;
  element: HTMLElement;
  read(): ParamValue | undefined;
  write(value: ParamValue | undefined): void;
}

/** A field around a control: what it is for, what may stand in it, and room for what is wrong with it. */
export function around(control: HTMLElement, label: string, ...help: (HTMLElement | string | false)[]): HTMLElement {
  const { id } = control;
  const text = help.filter(Boolean);
  control.setAttribute("aria-describedby", [text.length > 0 && `${id}-help`, `${id}-wrong`].filter(Boolean).join(" "));
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    control,
    h("p", { class: "wrong", id: `${id}-wrong`, hidden: true }),
    text.length > 0 &&
      h(
        "div",
        { class: "small", id: `${id}-help` },
        text.map((line) => h("p", {}, line)),
      ),
  );
}

/** Keeps what is wrong with a number beside it, in the page's own words. */
export function checked(input: HTMLInputElement, complaint: () => string): () => void {
  const check = () => {
    const text = input.validity.badInput ? "Please give a number." : input.value === "" ? "" : complaint();
    input.setCustomValidity(text);
    input.setAttribute("aria-invalid", String(text !== ""));
    const wrong = input.parentElement?.querySelector<HTMLElement>(".wrong");
    if (!wrong) return;
    wrong.textContent = text;
    wrong.hidden = text === "";
  };
  input.addEventListener("input", check);
  return check;
}

/** What the engine would refuse, said before it is asked. */
function complaint(info: Ranged, x: number): string {
  const low = info.kind === "above" ? x > info.min : x >= info.min;
  if (!low || x > info.max) return `Please give a value in the range: ${rangeWords(info)}.`;
  return info.kind === "whole" && !Number.isInteger(x) ? "Please give a whole number." : "";
}

function number(model: ModelKind, info: Ranged): Field {
  const id = uid("param");
  const { label, help } = parameterWords(model.name, info.name);
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
    info,
    element: around(input, label, help, `${rangeWords(info)}; default ${valueWords(info.default)}`),
    read: () => (input.value === "" ? undefined : input.valueAsNumber),
    write(value) {
      input.value = typeof value === "number" ? String(value) : "";
      check();
    },
  };
}

function choice(model: ModelKind, info: Extract<ParamInfo, { kind: "choice" | "flag" }>): Field {
  const id = uid("param");
  const { label, help } = parameterWords(model.name, info.name);
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
    info,
    element: around(select, label, help),
    read: () => (select.value === usual ? undefined : info.kind === "flag" ? select.value === "yes" : select.value),
    write(value) {
      select.value = value === undefined ? usual : info.kind === "flag" ? valueWords(value) : String(value);
    },
  };
}

export function parameterFields(model: ModelKind): ParameterFields {
  const fields = model.params.map((info) =>
    info.kind === "choice" || info.kind === "flag" ? choice(model, info) : number(model, info),
  );
  const isMain = ({ info }: Field) => parameterWords(model.name, info.name).main === true;
  const more = fields.filter((field) => !isMain(field));
  return {
    main: h("div", { class: "fields" }, ...fields.filter(isMain).map(({ element }) => element)),
    more: h("div", { class: "fields" }, ...more.map(({ element }) => element)),
    hasMore: more.length > 0,
    values: () =>
      Object.fromEntries(
        fields.flatMap(({ info, read }) => {
          const value = read();
          return value === undefined ? [] : [[info.name, value]];
        }),
      ),
    fill(values) {
      for (const { info, write } of fields) {
        const value = values[info.name];
        write(value === info.default ? undefined : value);
      }
    },
  };
}
