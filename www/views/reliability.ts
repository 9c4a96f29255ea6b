/** Reliability diagrams: what a model said would be liked, against what was. */
import type { EvaluationRow } from "tasteprint";
import { h, svg } from "../ui/dom.ts";
import { count, percent } from "../ui/format.ts";

const SIDE = 150;
const PAD = 8;

function diagram({ reliability: points }: EvaluationRow, name: string): HTMLElement {
  const most = Math.max(...points.map(({ events }) => events));
  const x = (share: number) => (PAD + share * (SIDE - 2 * PAD)).toFixed(1);
  const y = (share: number) => (SIDE - PAD - share * (SIDE - 2 * PAD)).toFixed(1);
  return h(
    "figure",
    { class: "reliability" },
    svg(
      "svg",
      { viewBox: `0 0 ${SIDE} ${SIDE}`, "aria-hidden": "true" },
      svg("rect", { class: "frame", x: PAD, y: PAD, width: SIDE - 2 * PAD, height: SIDE - 2 * PAD }),
      svg("line", { class: "ideal", x1: x(0), y1: y(0), x2: x(1), y2: y(1) }),
      points.map(({ events, said, happened }) =>
        svg("circle", {
          class: "point",
          cx: x(said),
          cy: y(happened),
          r: (2 + 5 * Math.sqrt(events / most)).toFixed(1),
        }),
      ),
    ),
    h("figcaption", {}, name),
    h(
      "ul",
      { class: "sr-only" },
      points.map(({ events, said, happened }) =>
        h("li", {}, `Said ${percent(said)}, happened ${percent(happened)}, ${count(events)} times.`),
      ),
    ),
  );
}

export function reliability(rows: readonly EvaluationRow[], names: readonly string[]): HTMLElement | false {
  const known = rows.flatMap((row, i) => (row.reliability.length > 1 ? [diagram(row, names[i] ?? "")] : []));
  return (
    known.length > 0 &&
    h(
      "div",
      {},
      h("div", { class: "reliabilities" }, known),
      h(
        "p",
        { class: "small" },
        "To the right: how likely the model held it that a rating is a good one. Upwards: how many were. On the line it is right; larger dots were said more often.",
      ),
    )
  );
}
