/** Stars: shown, and as a slider that pointer, touch and keyboard can use. Five stars stand for any scale's maximum. */
import type { Scale } from "tasteprint";
import { h } from "./dom.ts";
import { rating } from "./format.ts";

const share = (value: number, scale: Scale) => `${Math.min(100, Math.max(0, (value / scale.max) * 100))}%`;

function glyphs(): HTMLElement[] {
  return [
    h("span", { class: "stars-off", "aria-hidden": "true" }),
    h("span", { class: "stars-on", "aria-hidden": "true" }),
  ];
}

/** A rating to look at; the number stands beside it as text. */
export function stars(value: number, scale: Scale): HTMLElement {
  const element = h("span", { class: "stars", "aria-hidden": "true" }, glyphs());
  element.style.setProperty("--share", share(value, scale));
  return element;
}

/** Every value the scale has; a continuous one is cut into tenths of its range. */
export function steps({ min, max, step }: Scale): number[] {
  const width = step > 0 ? step : (max - min) / 10;
  const values: number[] = [];
  for (let i = 0; min + i * width <= max + 1e-9; i++) values.push(Number((min + i * width).toFixed(6)));
  return values;
}

interface StarOptions {
  item: string;
  title: string;
  scale: Scale;
  value?: number | undefined;
  /** Told once the person has decided. */
  onRate(value: number): unknown;
  failed(error: unknown): void;
}

/** Time without another key before a rating chosen by arrow keys counts, so that 4.5 can be reached through 3 and 4. */
const DECIDE_MS = 900;

/** Lets somebody give a rating. Arrow keys choose, Enter or a pause decides; a click decides at once. */
export function starControl({ item, title, scale, value, onRate, failed }: StarOptions): HTMLElement {
  const values = steps(scale);
  let given = value;
  let chosen = value;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const targets = values.map((v, i) => {
    const target = h("span", { class: "star-target", "data-value": v, "aria-hidden": "true" });
    const left = i === 0 ? 0 : (values[i - 1] as number) / scale.max;
    target.style.left = `${left * 100}%`;
    target.style.width = `${(v / scale.max - left) * 100}%`;
    return target;
  });
  const element = h(
    "span",
    {
      class: "stars rate-stars",
      testid: "rate-stars",
      "data-item": item,
      role: "slider",
      tabindex: 0,
      "aria-label": `Your rating of ${title}`,
      "aria-valuemin": scale.min,
      "aria-valuemax": scale.max,
    },
    glyphs(),
    targets,
  );

  const paint = (shown: number | undefined) => {
    element.style.setProperty("--share", share(shown ?? 0, scale));
    element.classList.toggle("unrated", shown === undefined);
    element.setAttribute("aria-valuenow", String(shown ?? scale.min));
    element.setAttribute("aria-valuetext", shown === undefined ? "not rated" : `${rating(shown)} of ${scale.max}`);
    if (given === undefined) element.removeAttribute("data-value");
    else element.setAttribute("data-value", String(given));
  };
  const decide = async () => {
    clearTimeout(timer);
    if (chosen === undefined || chosen === given) return;
    const before = given;
    given = chosen;
    paint(given);
    element.setAttribute("aria-busy", "true");
    try {
      await onRate(given);
    } catch (error) {
      given = before;
      chosen = before;
      paint(before);
      failed(error);
    } finally {
      element.removeAttribute("aria-busy");
    }
  };
  const choose = (index: number) => {
    chosen = values[Math.min(values.length - 1, Math.max(0, index))];
    paint(chosen);
    clearTimeout(timer);
    timer = setTimeout(decide, DECIDE_MS);
  };

  element.addEventListener("pointermove", (event) => {
    const over = (event.target as HTMLElement).dataset.value;
    if (event.pointerType === "mouse" && over && event.target !== element) paint(Number(over));
  });
  element.addEventListener("pointerleave", () => paint(chosen));
  element.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    if (!target.classList.contains("star-target")) return;
    chosen = Number(target.dataset.value);
    void decide();
  });
  element.addEventListener("keydown", (event) => {
    const at = chosen === undefined ? -1 : values.indexOf(chosen);
    const to: Partial<Record<string, number>> = {
      ArrowRight: at + 1,
      ArrowUp: at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      PageUp: at + 2,
      PageDown: at - 2,
      Home: 0,
      End: values.length - 1,
    };
    const index = to[event.key];
    if (index !== undefined) choose(index);
    else if (event.key === "Enter" || event.key === " ") void decide();
    else if (event.key === "Escape") {
      clearTimeout(timer);
      chosen = given;
      paint(given);
      return;
    } else return;
    event.preventDefault();
  });
  element.addEventListener("blur", () => void decide());
  paint(given);
  return element;
}
