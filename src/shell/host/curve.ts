/** Does more feedback help? The same model learned from nested shares of the ratings, on the same held-out ones. */
import { TasteprintError } from "../errors.ts";
import { known, refuse } from "../options.ts";
import type { CurveAsk, Task } from "../protocol.ts";
import type { InteractionColumns, LearningCurve, LearningCurveStep, NoLearningCurve, Warning } from "../types.ts";
import { withBest } from "./memory.ts";
import type { House } from "./rooms.ts";
import { evaluate } from "./training.ts";

const KEYS = ["model", "params", "shares", "metric", "protocol", "test", "k", "seed", "signal"] as const;
const SHARES = [0.1, 0.3, 1];

/** Figures a curve can be of, and whether more is better. */
const FIGURES: Readonly<Record<LearningCurve["metric"], boolean>> = {
  rmse: false,
  mae: false,
  ndcg: true,
  precision: true,
  recall: true,
  map: true,
  mrr: true,
  hitRate: true,
  auc: true,
  ratedPrecision: true,
  ratedRecall: true,
  logLoss: false,
};

/** A gain below this share of the figure is none. */
const FLAT = 0.01;

const REASONS: readonly string[] = ["not-enough-ratings", "one-user", "one-item", "one-class"];

function sharesOf(given: unknown = SHARES): number[] {
  const place = "learningCurve.shares";
  if (!Array.isArray(given) || given.length < 2 || given.length > 20)
    throw refuse(place, "two to twenty shares", Array.isArray(given) ? `${given.length}` : given);
  for (const [at, share] of given.entries())
    if (!(typeof share === "number" && share > 0 && share <= 1) || given.indexOf(share) !== at)
      throw refuse(`${place}[${at}]`, "a number above 0, up to 1, that is not among the others", share);
  return [...given].sort((a, b) => a - b);
}

/** Why the engine found too little to learn from; anything else is an error and stays one. */
function tooLittle(error: unknown): NoLearningCurve {
  const { message = "", details } = error as { message?: string; details?: { got?: string } };
  const reason = details?.got ?? "";
  if (!REASONS.includes(reason)) throw error;
  return { measured: false, reason: reason as NoLearningCurve["reason"], message: message.split(", at data")[0] ?? "" };
}

/** By the last step: how the figure changed when the most was added. */
function verdict(step: LearningCurveStep, value: number, higherIsBetter: boolean): LearningCurve["helps"] {
  const { difference, low, high, real } = step;
  if (real) return difference > 0 === higherIsBetter ? "yes" : "no";
  if (low === null || high === null) return "unclear";
  const most = higherIsBetter ? high : -low;
  return low < high && most < FLAT * Math.abs(value) ? "no" : "unclear";
}

export async function learningCurve(
  house: House,
  { ask, test }: { ask: CurveAsk; test?: InteractionColumns },
  task: Task,
): Promise<LearningCurve | NoLearningCurve> {
  known(ask, KEYS, "learningCurve");
  const { model, params, shares: asked, metric = "rmse", ...rest } = ask;
  const shares = sharesOf(asked);
  if (!Object.hasOwn(FIGURES, metric)) throw refuse("learningCurve.metric", Object.keys(FIGURES).join(", "), metric);
  const higherIsBetter = FIGURES[metric];
  const one = await withBest(house, { model, ...(params !== undefined && { params }) });
  const models = shares.map((share) => ({ ...one, share }));
  let report: Awaited<ReturnType<typeof evaluate>>;
  try {
    report = await evaluate(house, { ask: { ...rest, models, baselines: false }, ...(test && { test }) }, task);
  } catch (error) {
    return tooLittle(error);
  }
  const { protocol, seed, warnings } = report;
  // Popularity stands among them with a share of one, asked for or not.
  const rows = report.rows.filter((row) => row.model === model && shares.includes(row.share));
  const points = rows.map(({ share, learnedFrom, metrics, intervals }) => {
    const value = metrics[metric];
    if (value === undefined)
      throw TasteprintError.of("unsupported", "this model has no such figure", {
        place: "learningCurve.metric",
        got: metric,
      });
    const { low = null, high = null } = intervals[metric] ?? {};
    return { share, ratings: learnedFrom, value, low, high };
  });
  const steps = points.slice(1).map((point, i) => {
    const before = points[i] as (typeof points)[0];
    const change = rows[i + 1]?.againstLess[metric];
    const { difference = point.value - before.value, low = null, high = null, real = false } = change ?? {};
    return { from: before.share, to: point.share, difference, low, high, real };
  });
  const [last, end] = [steps.at(-1), points.at(-1)];
  if (!last || !end) return { measured: false, reason: "not-enough-ratings", message: told(warnings) };
  const helps = verdict(last, end.value, higherIsBetter);
  return { measured: true, model, metric, higherIsBetter, points, steps, helps, protocol, seed, warnings };
}

/** What was left out, and why. */
const told = (warnings: Warning[]): string =>
  warnings
    .filter(({ code }) => code === "share-too-small")
    .map(({ message }) => message)
    .join(" ");
