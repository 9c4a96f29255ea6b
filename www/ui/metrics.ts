/** The metrics by name, with what they say in a sentence. */
import type { Metrics, ModelVersion } from "tasteprint";
import { exactTime } from "./format.ts";
import { modelName, parameterWords, valueWords } from "./model-words.ts";

export type MetricKey = Exclude<keyof Metrics, "k" | "ratings" | "users">;

export interface MetricWords {
  key: MetricKey;
  label(k: number): string;
  says: string;
  /** Absent where neither more nor less is better by itself. */
  higherIsBetter?: boolean;
  /** What part of a report it stands in. */
  about: "ratings" | "lists" | "range" | "doubt";
}

/** In the order of a report. */
export const ALL_METRICS: readonly MetricWords[] = [
  {
    key: "rmse",
    label: () => "RMSE",
    says: "How far expected ratings are off, large errors counting more",
    higherIsBetter: false,
    about: "ratings",
  },
  {
    key: "mae",
    label: () => "MAE",
    says: "How far expected ratings are off on average",
    higherIsBetter: false,
    about: "ratings",
  },
  {
    key: "ndcg",
    label: (k) => `nDCG@${k}`,
    says: "How many liked films are in the list, and how far up",
    higherIsBetter: true,
    about: "lists",
  },
  {
    key: "precision",
    label: (k) => `Precision@${k}`,
    says: "Share of the list that was liked",
    higherIsBetter: true,
    about: "lists",
  },
  {
    key: "recall",
    label: (k) => `Recall@${k}`,
    says: "Share of liked films that are in the list",
    higherIsBetter: true,
    about: "lists",
  },
  {
    key: "map",
    label: (k) => `MAP@${k}`,
    says: "Precision at each liked film of the list, on average",
    higherIsBetter: true,
    about: "lists",
  },
  {
    key: "mrr",
    label: (k) => `MRR@${k}`,
    says: "How early the first liked film comes: 1 first, 0.5 second",
    higherIsBetter: true,
    about: "lists",
  },
  {
    key: "hitRate",
    label: (k) => `Hit rate@${k}`,
    says: "Share of people with a liked film in their list",
    higherIsBetter: true,
    about: "lists",
  },
  {
    key: "auc",
    label: () => "AUC",
    says: "How often a liked film stands above another unseen one",
    higherIsBetter: true,
    about: "lists",
  },
  {
    key: "ratedPrecision",
    label: (k) => `Precision@${k}, rated`,
    says: "Of rated films only: share of those recommended that were liked",
    higherIsBetter: true,
    about: "lists",
  },
  {
    key: "ratedRecall",
    label: (k) => `Recall@${k}, rated`,
    says: "Of rated films only: share of those liked that were recommended",
    higherIsBetter: true,
    about: "lists",
  },
  {
    key: "coverage",
    label: () => "Coverage",
    says: "Share of the films that reach anybody's list",
    higherIsBetter: true,
    about: "range",
  },
  { key: "novelty", label: () => "Novelty", says: "How little known the films of a list are, in bits", about: "range" },
  { key: "diversity", label: () => "Diversity", says: "How unlike each other the films of a list are", about: "range" },
  {
    key: "tailShare",
    label: () => "Long tail",
    says: "Share of places taken by films beyond the few popular ones",
    about: "range",
  },
  {
    key: "gini",
    label: () => "Concentration",
    says: "0: all films are shown equally often; 1: one takes all places",
    about: "range",
  },
  {
    key: "coverage90",
    label: () => "In 90% intervals",
    says: "Share of ratings inside their 90% interval; 0.9 is right",
    about: "doubt",
  },
  {
    key: "ece",
    label: () => "Calibration error",
    says: "How far said chances are from what happens, on average",
    higherIsBetter: false,
    about: "doubt",
  },
  {
    key: "logLoss",
    label: () => "Log loss",
    says: "How surprised the model is by what was liked",
    higherIsBetter: false,
    about: "doubt",
  },
];

const MAIN: readonly MetricKey[] = ["rmse", "mae", "ndcg", "precision", "recall", "coverage"];

/** Those that say most, for where there is little room. */
export const METRICS: readonly MetricWords[] = ALL_METRICS.filter(({ key }) => MAIN.includes(key));

export const metricWords = (key: keyof Metrics): MetricWords | undefined =>
  ALL_METRICS.find((metric) => metric.key === key);

/** Above 0 where `value` is better than `than`; 0 where neither more nor less is. */
export const better = (value: number, than: number, higherIsBetter: boolean | undefined): number =>
  higherIsBetter === undefined ? 0 : higherIsBetter ? value - than : than - value;

/** Index of the best of several values; −1 where there is none, or they do not differ in what is shown of them. */
export function bestOf(values: readonly (number | null | undefined)[], higherIsBetter: boolean | undefined): number {
  const known = values.filter((x): x is number => typeof x === "number" && Number.isFinite(x));
  if (higherIsBetter === undefined || new Set(known.map((x) => x.toFixed(3))).size < 2) return -1;
  return values.indexOf(higherIsBetter ? Math.max(...known) : Math.min(...known));
}

/** How a version came here. */
export const CAME: Record<ModelVersion["source"], string> = {
  trained: "trained here",
  pack: "came with the page",
  imported: "brought in",
};

/** Parameters in which versions differ, as one of them has them. */
function unlike(version: ModelVersion, others: readonly ModelVersion[]): string {
  const { model, params } = version;
  return Object.keys(params)
    .filter((key) => others.some((other) => JSON.stringify(other.params[key]) !== JSON.stringify(params[key])))
    .map((key) => `${parameterWords(model, key).label.toLowerCase()} ${valueWords(params[key])}`)
    .join(", ");
}

/** What may tell versions of one kind apart, plainest first. */
const MARKS: readonly ((version: ModelVersion, alike: readonly ModelVersion[]) => string)[] = [
  unlike,
  ({ source }) => CAME[source],
  ({ data }) => data.label ?? "",
  ({ seed }) => `seed ${seed}`,
  ({ createdAt }) => exactTime(createdAt),
  ({ id }) => id.slice(-6),
];

/** As many marks as it takes to know it from the others. */
function marks(version: ModelVersion, versions: readonly ModelVersion[]): string {
  let alike = versions;
  const said: string[] = [];
  for (const mark of MARKS) {
    const mine = mark(version, alike);
    const left = alike.filter((other) => mark(other, alike) === mine);
    if (left.length < alike.length && mine) said.push(mine);
    alike = left;
    if (alike.length < 2) break;
  }
  return said.join(", ");
}

/** Names that tell several models apart: that of the model, and of those of one kind what differs. */
export function distinctNames(rows: readonly { model: string; version?: ModelVersion | undefined }[]): string[] {
  return rows.map(({ model, version }) => {
    const alike = rows.filter((row) => row.model === model);
    if (alike.length < 2) return modelName(model);
    if (!version) return `${modelName(model)} (defaults)`;
    const said = marks(
      version,
      alike.flatMap((row) => row.version ?? []),
    );
    return said ? `${modelName(model)} (${said})` : modelName(model);
  });
}
