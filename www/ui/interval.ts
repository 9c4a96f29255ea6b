/** The 90 % interval of an expected rating, drawn on the whole scale. */
import type { Confidence, Scale } from "tasteprint";
import { h } from "./dom.ts";
import { rating } from "./format.ts";

export function interval(score: number, { level, low, high }: Confidence, scale: Scale): HTMLElement {
  const at = (value: number) => ((value - scale.min) / (scale.max - scale.min || 1)) * 100;
  const bar = h("span", { class: "interval-bar" });
  bar.style.left = `${at(low)}%`;
  bar.style.width = `${Math.max(1, at(high) - at(low))}%`;
  const dot = h("span", { class: "interval-dot" });
  dot.style.left = `${at(score)}%`;
  return h(
    "div",
    { class: `interval ${level}`, title: `With a chance of 90% between ${rating(low)} and ${rating(high)}` },
    h("div", { class: "interval-track", "aria-hidden": "true" }, bar, dot),
    h(
      "p",
      { class: "interval-text" },
      h("span", { class: "confidence" }, `${level} confidence`),
      h("span", {}, `${rating(low)}–${rating(high)}`),
    ),
  );
}
