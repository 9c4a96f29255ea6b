/** The members of an ensemble: kinds of models, and versions whose settings are taken over. */
import type { EnsembleMember, ModelName, ParamValue } from "tasteprint";
import type { App } from "../app.ts";
import { fill, h, uid } from "../ui/dom.ts";
import { complain, wrongOf } from "../ui/field.ts";
import { distinctNames } from "../ui/metrics.ts";
import { modelName, parameterWords, settingsWords } from "../ui/model-words.ts";
import type { Field } from "./train-fields.ts";

type Plain = Exclude<ModelName, "ensemble">;

/** What the engine takes where none are named, and the most it takes. */
const USUAL: readonly Plain[] = ["factorization-machine", "random-forest"];
const MOST = 8;

interface Tick {
  member: EnsembleMember;
  input: HTMLInputElement;
  element: HTMLElement;
}

const keyOf = (member: EnsembleMember): string => JSON.stringify(member);

export function members(app: App): Field {
  const id = uid("param");
  const { label, help } = parameterWords("ensemble", "members");
  const kinds = h("div", { class: "ticks" });
  const versions = h("div", { class: "ticks" });
  const among = h(
    "div",
    { hidden: true },
    h("h3", { class: "ticks-title" }, "With the settings of a version"),
    versions,
  );
  let ticks: Tick[] = [];
  /** Members that were put in with settings of their own. */
  let given: EnsembleMember[] = [];
  let chosen = new Set(USUAL.map((model) => keyOf({ model })));
  let shown = "";

  const element = h(
    "fieldset",
    { class: "field members", testid: "members", "aria-describedby": `${id}-help ${id}-wrong` },
    h("legend", {}, label),
    h("p", { class: "small", id: `${id}-help` }, `${help}; 1 to ${MOST}`),
    kinds,
    among,
    wrongOf(id),
  );

  const usable = () => app.kinds.flatMap(({ name }): Plain[] => (name === "ensemble" ? [] : [name]));
  const picked = () => ticks.filter(({ input }) => input.checked);

  function check(): void {
    const n = picked().length;
    const text = n === 0 ? "Please choose a model at least." : n > MOST ? `Please choose ${MOST} at most.` : "";
    const first = ticks[0]?.input;
    if (first) complain(first, text);
  }

  function tick(member: EnsembleMember, name: string, small?: string): Tick {
    const key = keyOf(member);
    const input = h("input", { type: "checkbox", name: "member", value: key, checked: chosen.has(key) });
    input.addEventListener("change", () => {
      if (input.checked) chosen.add(key);
      else chosen.delete(key);
      check();
    });
    return {
      member,
      input,
      element: h("label", { class: "tick" }, input, h("span", {}, name, small && h("span", { class: "small" }, small))),
    };
  }

  /** Draws what can be chosen, unless it is there: who is choosing keeps the focus. */
  function refresh(): void {
    const trained = app.versions.filter(({ model }) => model !== "ensemble").reverse();
    const now = JSON.stringify([usable(), trained.map((version) => version.id), given]);
    if (now === shown) return;
    shown = now;
    const held = element.contains(document.activeElement) ? (document.activeElement as HTMLInputElement).value : "";
    const names = distinctNames(trained.map((version) => ({ model: version.model, version })));
    const plain = usable().map((model) => tick({ model }, modelName(model)));
    const own = given.map((member) =>
      "model" in member ? tick(member, modelName(member.model), wordsOf(member)) : tick(member, member.version),
    );
    const alike = trained.map(({ id: version }, i) => tick({ version }, names[i] ?? version));
    ticks = [...plain, ...own, ...alike];
    // A version that has gone cannot be asked for any more.
    chosen = new Set(picked().map(({ member }) => keyOf(member)));
    fill(kinds, ...[...plain, ...own].map((each) => each.element));
    fill(versions, ...alike.map((each) => each.element));
    among.hidden = alike.length === 0;
    ticks.find(({ input }) => input.value === held)?.input.focus({ preventScroll: true });
    check();
  }

  function wordsOf(member: Extract<EnsembleMember, { model: ModelName }>): string {
    return settingsWords(app.kind(member.model), (member.params ?? {}) as Record<string, ParamValue>);
  }

  refresh();
  return {
    name: "members",
    main: true,
    element,
    read() {
      const all = picked().map(({ member }) => member);
      const usual =
        all.length === USUAL.length && USUAL.every((model) => all.some((m) => keyOf(m) === keyOf({ model })));
      return usual ? undefined : all;
    },
    write(value) {
      const wanted: EnsembleMember[] = Array.isArray(value) ? value : USUAL.map((model) => ({ model }));
      chosen = new Set(wanted.map(keyOf));
      given = wanted.filter((member) => "model" in member && member.params !== undefined);
      shown = "";
      refresh();
    },
    check,
    refresh,
  };
}
