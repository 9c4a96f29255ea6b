/** The metrics by name, with what they say in a sentence. */
import type { Metrics } from "tasteprint";

type Shown = "rmse" | "mae" | "ndcg" | "precision" | "recall" | "coverage";

interface MetricWords {
  key: Shown;
  label(k: number): string;
  says: string;
  higherIsBetter: boolean;
}

export const METRICS: readonly MetricWords[] = [
  {
    key: "rmse",
    label: () => "RMSE",
    says: "How far expected ratings are off, large errors counting more",
    higherIsBetter: false,
  },
  { key: "mae", label: () => "MAE", says: "How far expected ratings are off on average", higherIsBetter: false },
  {
    key: "ndcg",
    label: (k) => `nDCG@${k}`,
    says: "How many liked films are in the list, and how far up",
    higherIsBetter: true,
  },
  {
    key: "precision",
    label: (k) => `Precision@${k}`,
    says: "Share of the list that was liked",
    higherIsBetter: true,
  },
  {
    key: "recall",
    label: (k) => `Recall@${k}`,
    says: "Share of liked films that are in the list",
    higherIsBetter: true,
  },
  {
    key: "coverage",
    label: () => "Coverage",
    says: "Share of the films that reach anybody's list",
    higherIsBetter: true,
  },
];

export const metricWords = (key: keyof Metrics): MetricWords | undefined =>
  METRICS.find((metric) => metric.key === key);

/** Above 0 where `value` is better than `than`. */
export const better = (value: number, than: number, higherIsBetter: boolean): number =>
  higherIsBetter ? value - than : than - value;
