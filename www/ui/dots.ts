/** Figures of several models as dots on one axis, with their 95 % intervals as bars. The same stands in a table. */
import { h } from "./dom.ts";
import { metric } from "./format.ts";

export interface Dot {
  name: string;
  value: number | null | undefined;
  /** 95 % interval. */
  interval?: { low: number; high: number } | undefined;
  /** True for what the others are measured by. */
  plain?: boolean;
}

interface DotOptions {
  title: string;
  higherIsBetter?: boolean | undefined;
  /** Index of the best; it is set off. */
  best?: number | undefined;
  /** Ends of the axis, where they are given by what is measured. */
  from?: number;
  to?: number;
  /** How figures are written. Default: with three places. */
  write?: (value: number) => string;
  /** A line to be at, such as the 90 % of 90 % intervals. */
  target?: number;
}

export function dotPlot(
  dots: readonly Dot[],
  { title, higherIsBetter, best, from, to, target, write = metric }: DotOptions,
): HTMLElement {
  const ends = dots.flatMap(({ value, interval }) => [value, interval?.low, interval?.high]);
  const known = [...ends, target].filter((x): x is number => typeof x === "number" && Number.isFinite(x));
  const [low, high] = [from ?? Math.min(...known), to ?? Math.max(...known)];
  // Room for the outermost dots; figures that are all alike stand in the middle.
  const room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  const [left, right] = [from ?? low - room, to ?? high + room];
  const at = (value: number) => `${Math.min(1, Math.max(0, (value - left) / (right - left))) * 100}%`;
  const place = (name: string, style: Partial<Record<"left" | "width", string>>) => {
    const element = h("span", { class: name });
    Object.assign(element.style, style);
    return element;
  };
  const arrow = higherIsBetter === undefined ? "" : higherIsBetter ? "more is better →" : "← less is better";
  return h(
    "figure",
    { class: "dots" },
    h("figcaption", {}, h("span", {}, title), h("span", { class: "small" }, arrow)),
    // What is drawn here stands beside it in numbers.
    h(
      "div",
      { class: "dots-rows", "aria-hidden": "true" },
      dots.map(({ name, value, interval, plain }, i) =>
        h(
          "div",
          { class: `dots-row${i === best ? " best" : ""}${plain ? " plain" : ""}` },
          h("span", { class: "dots-name" }, name),
          h(
            "span",
            { class: "dots-track" },
            target !== undefined && place("dots-target", { left: at(target) }),
            interval &&
              place("dots-interval", {
                left: at(interval.low),
                width: `calc(${at(interval.high)} - ${at(interval.low)})`,
              }),
            typeof value === "number" && Number.isFinite(value) && place("dots-dot", { left: at(value) }),
          ),
          h("span", { class: "dots-value" }, value == null ? "–" : write(value)),
        ),
      ),
    ),
  );
}
