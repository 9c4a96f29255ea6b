/** Loss and validation error by epoch, drawn by uPlot in the page's own colours. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { EpochLog } from "tasteprint";
import { h } from "./dom.ts";

const figure = (_: uPlot, value: number | null | undefined) => (value == null ? "–" : value.toFixed(3));

export interface LossChart {
  element: HTMLElement;
  show(history: readonly EpochLog[]): void;
}

export function lossChart(height = 240): LossChart {
  const element = h("div", { class: "chart", role: "img" });
  let plot: uPlot | undefined;
  let data: uPlot.AlignedData = [[], [], []];

  const color = (name: string) => getComputedStyle(element).getPropertyValue(name).trim();
  const build = () => {
    plot?.destroy();
    if (!element.clientWidth) {
      plot = undefined;
      return;
    }
    const axis = {
      stroke: color("--muted"),
      grid: { stroke: color("--line"), width: 1 },
      ticks: { stroke: color("--line"), width: 1 },
      font: "12px system-ui, sans-serif",
    };
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
              if (u.legend.idx == null && data[0].length) u.setLegend({ idx: data[0].length - 1 });
            },
          ],
        },
        axes: [
          { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200] },
          { ...axis, size: 52, values: (_, ticks) => ticks.map((tick) => tick.toFixed(2)) },
        ],
        series: [
          { label: "Epoch" },
          {
            label: "Training error",
            stroke: color("--muted"),
            width: 2,
            dash: [5, 4],
            points: { show: false },
            value: figure,
          },
          { label: "Validation error", stroke: color("--accent"), width: 2.5, points: { show: false }, value: figure },
        ],
      },
      data,
      element,
    );
  };

  new ResizeObserver(() => {
    if (!plot || !element.clientWidth) build();
    else if (plot.width !== element.clientWidth) plot.setSize({ width: element.clientWidth, height });
  }).observe(element);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", build);

  return {
    element,
    show(history) {
      data = [
        history.map((row) => row.epoch),
        history.map((row) => row.loss),
        history.map((row) => row.validation ?? null),
      ];
      const last = history.at(-1);
      const held = last?.validation === undefined ? "" : `, validation error ${last.validation.toFixed(3)}`;
      element.setAttribute(
        "aria-label",
        last
          ? `Root mean squared error by epoch. Epoch ${last.epoch}: training error ${last.loss.toFixed(3)}${held}.`
          : "Root mean squared error by epoch, nothing measured yet.",
      );
      if (plot) plot.setData(data);
      else build();
      if (data[0].length) plot?.setLegend({ idx: data[0].length - 1 });
    },
  };
}
