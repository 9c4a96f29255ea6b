/** Whether one model is better than others, in words and drawn: the paired bootstrap has the figures for it. */
import type { Difference } from "tasteprint";
import { h } from "./dom.ts";
import { dotPlot } from "./dots.ts";
import { listed, metric, signed } from "./format.ts";

export interface Standing {
  /** Name of the figure. */
  figure: string;
  best: string;
  higherIsBetter: boolean;
  /** The others' figure minus that of the best. */
  others: readonly { name: string; difference: Difference }[];
}

const sentence = (text: string, real: boolean) => h("li", { "data-real": String(real) }, text);

/** By how much the best is ahead, at least and at most. */
function lead({ low, high }: Difference): string {
  const [a, b] = [Math.abs(low), Math.abs(high)];
  return `${metric(Math.min(a, b))} to ${metric(Math.max(a, b))}`;
}

/** Who is best in a figure, and of whom that cannot be said. */
export function standing({ figure, best, others }: Standing): HTMLElement[] {
  const names = (is: (difference: Difference) => boolean) =>
    others.filter(({ difference }) => is(difference)).map(({ name }) => name);
  const behind = names(({ real }) => real);
  const alike = names(({ real }) => !real);
  const [only] = others;
  if (!only) return [];
  if (others.length === 1) {
    const text = only.difference.real
      ? `${best} is better than ${only.name} in ${figure}, by ${lead(only.difference)}: more than chance.`
      : `${best} and ${only.name} cannot be told apart in ${figure}: what differs may be chance.`;
    return [sentence(text, only.difference.real)];
  }
  if (alike.length === 0)
    return [sentence(`${best} is best in ${figure}, and ahead of each other model by more than chance.`, true)];
  const may = alike.length > 1 ? "may be as good" : "may be just as good";
  return [
    sentence(`${best} is best in ${figure}, but ${listed(alike)} ${may}: what differs there may be chance.`, false),
    ...(behind.length > 0 ? [sentence(`Behind in ${figure} by more than chance: ${listed(behind)}.`, true)] : []),
  ];
}

/** How far the others are from the best; where the bar crosses the line, it may be chance. */
export const gaps = ({ figure, best, higherIsBetter, others }: Standing): HTMLElement =>
  dotPlot(
    others.map(({ name, difference }) => ({
      name,
      value: difference.difference,
      interval: difference,
      plain: !difference.real,
    })),
    {
      title: `${figure}: distance to ${best}`,
      target: 0,
      higherIsBetter,
      write: (value) => signed(value, 3),
    },
  );
