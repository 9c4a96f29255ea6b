/** A field of a form: a control, what it is for, and room for what is wrong with it. */
import { h } from "./dom.ts";

type Control = HTMLInputElement | HTMLTextAreaElement;

/** Room for what is wrong with the control of this id. */
export const wrongOf = (id: string): HTMLElement => h("p", { class: "wrong", id: `${id}-wrong`, hidden: true });

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
    wrongOf(id),
    text.length > 0 &&
      h(
        "div",
        { class: "small", id: `${id}-help` },
        text.map((line) => h("p", {}, line)),
      ),
  );
}

/** Says beside a control what is wrong with it; an empty text says that nothing is. */
export function complain(control: Control, text: string): void {
  control.setCustomValidity(text);
  control.setAttribute("aria-invalid", String(text !== ""));
  const wrong = control.closest(".field")?.querySelector<HTMLElement>(".wrong");
  if (!wrong) return;
  wrong.textContent = text;
  wrong.hidden = text === "";
}

/** Keeps what is wrong with a number beside it, in the page's own words. */
export function checked(input: HTMLInputElement, complaint: () => string): () => void {
  const check = () =>
    complain(input, input.validity.badInput ? "Please give a number." : input.value === "" ? "" : complaint());
  input.addEventListener("input", check);
  return check;
}
