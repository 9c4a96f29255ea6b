/** What is measured by epoch, drawn by uPlot in the page's own colours. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { EpochLog } from "tasteprint";
import { h } from "./dom.ts";

type Aim = "ratings" | "lists";

const figure = (value: number | null | undefined) =>
  value == null ? "–" : Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);

/** Colours of curves beside each other, as `--series-1` and so on. */
const HUES = 6;

interface Curve {
  label: string;
  values: (number | null)[];
  /** A property of the style sheet. */
  color: string;
  dash?: number[];
  /** True where its figures are of another kind than those of the left axis. */
  right?: boolean;
}

interface Shown {
  epochs: number[];
  curves: Curve[];
  /** Titles of the axes. */
  left: string;
  right?: string;
  /** For those who cannot see it. */
  label: string;
}

interface Chart {
  element: HTMLElement;
  show(what: Shown): void;
}

/** Lines over epochs. What stays the same is not built anew, so that it can be shown ten times a second. */
function lines(height: number): Chart {
  const element = h("div", { class: "chart", role: "img" });
  let plot: uPlot | undefined;
  let shown: Shown = { epochs: [], curves: [], left: "", label: "" };
  let built = "";

  const color = (name: string) => getComputedStyle(element).getPropertyValue(name).trim();
  const data = (): uPlot.AlignedData => [shown.epochs, ...shown.curves.map(({ values }) => values)];

  const build = () => {
    plot?.destroy();
    plot = undefined;
    built = shape();
    if (!element.clientWidth || shown.curves.length === 0) return;
    const axis = {
      stroke: color("--muted"),
      grid: { stroke: color("--line"), width: 1 },
      ticks: { stroke: color("--line"), width: 1 },
      font: "12px system-ui, sans-serif",
      labelFont: "12px system-ui, sans-serif",
    };
    const values = (_: uPlot, ticks: number[]) => ticks.map(figure);
    const scale = (right?: boolean) => (right ? "right" : "y");
    plot = new uPlot(
      {
        width: element.clientWidth,
        height,
        scales: { x: { time: false } },
        legend: { live: true },
        // With no pointer over the chart its legend would be empty; the newest epoch's figures are of more use.
        hooks: {
          setLegend: [
            (u) => {
              if (u.legend.idx == null && shown.epochs.length) u.setLegend({ idx: shown.epochs.length - 1 });
            },
          ],
        },
        axes: [
          { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200], label: "Epoch", labelSize: 18, size: 36 },
          { ...axis, size: 56, values, label: shown.left, labelSize: 18 },
          ...(shown.right
            ? [
                {
                  ...axis,
                  scale: "right",
                  side: 1,
                  size: 56,
                  values,
                  label: shown.right,
                  labelSize: 18,
                  grid: { show: false },
                },
              ]
            : []),
        ],
        series: [
          { label: "Epoch" },
          ...shown.curves.map(({ label, color: name, dash, right }) => ({
            label,
            scale: scale(right),
            stroke: color(name),
            width: 2.25,
            ...(dash && { dash }),
            points: { show: shown.epochs.length === 1 },
            // Of a training that ended earlier, the figure it ended with.
            value: (_: uPlot, value: number | null | undefined, of: number, at: number | null) =>
              figure(value ?? shown.curves[of - 1]?.values.slice(0, (at ?? 0) + 1).findLast((x) => x !== null)),
          })),
        ],
      },
      data(),
      element,
    );
  };

  /** What a plot is built for: names and axes, not figures. */
  const shape = () =>
    JSON.stringify([
      shown.left,
      shown.right,
      shown.epochs.length === 1,
      shown.curves.map(({ label, color: name }) => [label, name]),
    ]);

  new ResizeObserver(() => {
    if (!plot || !element.clientWidth) build();
    else if (plot.width !== element.clientWidth) plot.setSize({ width: element.clientWidth, height });
  }).observe(element);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", build);

  return {
    element,
    show(what) {
      shown = what;
      element.setAttribute("aria-label", what.label);
      if (plot && built === shape()) plot.setData(data());
      else build();
      if (what.epochs.length) plot?.setLegend({ idx: what.epochs.length - 1 });
    },
  };
}

export interface LearningChart {
  element: HTMLElement;
  /** `of` is written above it. */
  show(history: readonly EpochLog[], aim: Aim, of?: string): void;
}

/** Loss and validation of one training. Models of ratings have one axis for both; nDCG has one of its own. */
export function learningChart(height = 270): LearningChart {
  const { element: drawn, show } = lines(height);
  const title = h("figcaption", { class: "chart-title" });
  const element = h("figure", {}, title, drawn);
  return {
    element,
    show(history, aim, of) {
      title.hidden = of === undefined;
      title.textContent = of ? `How ${of} learns` : "";
      const last = history.at(-1);
      const [loss, validation] =
        aim === "lists" ? ["Training loss", "Validation nDCG@10"] : ["Training error", "Validation error"];
      const held = last?.validation === undefined ? "" : `, ${validation.toLowerCase()} ${figure(last.validation)}`;
      const what = aim === "lists" ? "Loss and nDCG by epoch" : "Root mean squared error by epoch";
      show({
        epochs: history.map((row) => row.epoch),
        curves: [
          { label: loss, values: history.map((row) => row.loss), color: "--muted", dash: [5, 4] },
          {
            label: validation,
            values: history.map((row) => row.validation ?? null),
            color: "--accent",
            right: aim === "lists",
          },
        ],
        left: aim === "lists" ? "Loss" : "RMSE",
        ...(aim === "lists" && { right: "nDCG@10" }),
        label: last
          ? `${what}. Epoch ${last.epoch}: ${loss.toLowerCase()} ${figure(last.loss)}${held}.`
          : `${what}, nothing measured yet.`,
      });
    },
  };
}

/** Validation curves of several trainings of the same aim. */
export function curvesChart(
  trainings: readonly { name: string; history: readonly EpochLog[] }[],
  aim: Aim,
): HTMLElement {
  const { element, show } = lines(240);
  const longest = Math.max(0, ...trainings.map(({ history }) => history.length));
  const what = aim === "lists" ? "Validation nDCG@10" : "Validation error (RMSE)";
  show({
    epochs: Array.from({ length: longest }, (_, i) => i + 1),
    curves: trainings.map(({ name, history }, i) => ({
      label: name,
      values: Array.from({ length: longest }, (_, at) => history[at]?.validation ?? null),
      color: `--series-${(i % HUES) + 1}`,
    })),
    left: what,
    label: `${what} by epoch: ${trainings
      .map(({ name, history }) => `${name} ends at ${figure(history.at(-1)?.validation)} after ${history.length}`)
      .join("; ")}.`,
  });
  return element;
}
