/** Whether more feedback helps, in words. */
import type { LearningCurve } from "tasteprint";
import { count, metric, percent } from "./format.ts";

const FIGURES: Partial<Record<LearningCurve["metric"], string>> = { rmse: "RMSE", ndcg: "nDCG" };
export const figureName = (of: LearningCurve["metric"]): string => FIGURES[of] ?? of;

/** The answer, and what it rests on. */
export function curveVerdict({ helps, points, steps, metric: of, higherIsBetter }: LearningCurve): {
  answer: string;
  because: string;
} {
  const [before, all, step] = [points.at(-2), points.at(-1), steps.at(-1)];
  if (!before || !all || !step) return { answer: "Cannot be told.", because: "There is nothing to compare." };
  const figure = figureName(of);
  const grown = `From ${count(before.ratings)} to ${count(all.ratings)} ratings`;
  const changed = `${figure} went from ${metric(before.value)} to ${metric(all.value)}`;
  const better = step.difference > 0 === higherIsBetter;
  if (helps === "yes")
    return {
      answer: "Yes, it has helped until now.",
      because: `${grown}, ${changed}: better by more than chance. More ratings are likely to help further.`,
    };
  if (helps === "no")
    return {
      answer: "Not any more.",
      because: better
        ? `${grown}, ${changed}: a gain of one percent or more can be ruled out.`
        : `${grown}, ${changed}: no gain that could be told from chance, and one percent or more can be ruled out.`,
    };
  return {
    answer: "That cannot be told yet.",
    because: `${grown}, ${changed}: what differs may be chance. With more held-out ratings it would be clearer.`,
  };
}

/** `30 % · 106 ratings`. */
export const pointName = ({ share, ratings }: LearningCurve["points"][number]): string =>
  `${percent(share)} · ${count(ratings)} ratings`;
