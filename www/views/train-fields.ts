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

interface Field {
  info: ParamInfo;
  element: HTMLElement;
  read(): ParamValue | undefined;
  write(value: ParamValue | undefined): void;
}

/** A field around a control, with its help below. */
function around(model: ModelKind, info: ParamInfo, control: HTMLElement, id: string): HTMLElement {
  const { label, help } = parameterWords(model.name, info.name);
  const text = [help, rangeWords(info)].filter(Boolean).join("; ");
  if (text) control.setAttribute("aria-describedby", `${id}-help`);
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    control,
    text && h("p", { class: "small", id: `${id}-help` }, text),
  );
}

/** What the engine would refuse, said before it is asked. */
function complaint(info: Exclude<ParamInfo, { kind: "choice" | "flag" }>, input: HTMLInputElement): string {
  if (input.validity.badInput) return "Please give a number.";
  if (input.value === "") return "";
  const x = input.valueAsNumber;
  const low = info.kind === "above" ? x > info.min : x >= info.min;
  if (!low || x > info.max) return `Please give a value in the range: ${rangeWords(info)}.`;
  return info.kind === "whole" && !Number.isInteger(x) ? "Please give a whole number." : "";
}

function number(model: ModelKind, info: Exclude<ParamInfo, { kind: "choice" | "flag" }>): Field {
  const id = uid("param");
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
  const check = () => {
    const text = complaint(info, input);
    input.setCustomValidity(text);
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  input.addEventListener("input", check);
  return {
    info,
    element: around(model, info, input, id),
    read: () => (input.value === "" ? undefined : input.valueAsNumber),
    write(value) {
      input.value = typeof value === "number" ? String(value) : "";
      check();
    },
  };
}

function choice(model: ModelKind, info: Extract<ParamInfo, { kind: "choice" | "flag" }>): Field {
  const id = uid("param");
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
    element: around(model, info, select, id),
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
