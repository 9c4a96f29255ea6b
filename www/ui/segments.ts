/** One of a few, side by side: a group of radio buttons. */
import { h, uid } from "./dom.ts";

export interface Choice {
  value: string;
  label: string;
  /** True where it cannot be chosen. */
  off?: boolean;
}

interface SegmentsOptions {
  legend: string;
  choices: readonly Choice[];
  /** The value chosen at first. */
  value: string;
  testid?: string;
  /** Id of what says why some cannot be chosen. */
  describedBy?: string;
  choose(value: string): void;
}

export function segments({
  legend,
  choices,
  value,
  testid,
  describedBy,
  choose,
}: SegmentsOptions): HTMLFieldSetElement {
  const name = uid("segments");
  return h(
    "fieldset",
    { class: "one-of", testid, "aria-describedby": describedBy },
    h("legend", {}, legend),
    h(
      "div",
      { class: "segments" },
      choices.map((each) => {
        const input = h("input", {
          type: "radio",
          name,
          value: each.value,
          checked: each.value === value,
          disabled: each.off,
        });
        input.addEventListener("change", () => choose(each.value));
        return h("label", { class: each.off ? "off" : null }, input, h("span", {}, each.label));
      }),
    ),
  );
}
