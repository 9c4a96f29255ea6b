/** Parameters that are declared as data: what can be chosen for them, and what the engine says of one's own. */
import type { FeatureSpec, LabelRule, Scale } from "tasteprint";
import { rating } from "./format.ts";
import { lineOf, placeIn, stepsOf } from "./json-place.ts";

export interface Declaration {
  label: string;
  help: string;
  /** What it stands for; nothing where that is the default. */
  value?: string | FeatureSpec | LabelRule;
}

export const FEATURES: readonly Declaration[] = [
  { label: "Standard (default)", help: "Film, person, how the two go together, and the moment" },
  { label: "Classic", help: "Seventeen: moment, five genres, running time and year", value: "classic" },
  {
    label: "Scoring",
    help: "What watching says of a rating; a film not watched yet is judged by type and running time alone",
    value: "scoring",
  },
];

/** What somebody begins with who declares features. */
export const OWN_FEATURES: FeatureSpec = {
  features: [
    { field: "genres", encode: "multi-hot" },
    { field: "year", encode: "buckets", bins: 6 },
    { field: "item.mean", encode: "number" },
    { field: "match.genres", encode: "number", missing: 0 },
    { field: "context.mood", encode: "one-hot" },
  ],
  cross: [["context.mood", "genres"]],
};

/** The lowest rating three quarters up the scale. */
function good({ min, max, step }: Scale): number {
  const exact = min + 0.75 * (max - min);
  return step > 0 ? min + Math.ceil((exact - min) / step) * step : exact;
}

const rated = (scale: Scale): LabelRule => ({ field: "rating", op: ">=", value: good(scale) });

export const likings = (scale: Scale): readonly Declaration[] => [
  {
    label: `Rated ${rating(good(scale))} or more, and would watch again (default)`,
    help: "Where nothing was said of watching again, the rating decides",
  },
  { label: `Rated ${rating(good(scale))} or more`, help: "Whether it was enough for once or not", value: rated(scale) },
  {
    label: "Watched to the end",
    help: "Nine tenths or more; learns from ratings alone that say how much was watched",
    value: { field: "completion", op: ">=", value: 0.9 },
  },
];

/** What somebody begins with who declares likings: the default. */
export const ownLiking = (scale: Scale): LabelRule => ({
  all: [rated(scale), { field: "wouldWatchAgain", is: true }],
});

/** One condition or feature a line: neither one long line nor a line for every word. */
export function pretty(value: unknown, indent = ""): string {
  const line = JSON.stringify(value, null, 1).replace(/\n\s*/g, " ");
  if (typeof value !== "object" || value === null || line.length + indent.length <= 72) return line;
  const inner = `${indent}  `;
  const lines = Array.isArray(value)
    ? value.map((each) => inner + pretty(each, inner))
    : Object.entries(value).map(([key, each]) => `${inner}${JSON.stringify(key)}: ${pretty(each, inner)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${lines.join(",\n")}\n${indent}${close}`;
}

export interface Complaint {
  text: string;
  /** Where in the text it is. */
  from: number;
  to: number;
}

/** An error as the engine throws it. */
interface Refusal {
  code: string;
  message: string;
  details: { place?: string; expected?: string; got?: string };
}

/** What the engine says of a parameter that was written as JSON, with the line that it is about. */
export function complaintIn(text: string, name: string, { code, message, details }: Refusal): Complaint {
  const { place = "", expected, got } = details;
  const within = place.startsWith(`params.${name}`) ? place.slice(`params.${name}`.length).replace(/^\./, "") : "";
  const [from, to] = placeIn(text, stepsOf(within));
  const where = within ? `Line ${lineOf(text, from)}, ${within}: ` : "";
  const said = [
    code === "unknown-option" && "there is no such option",
    expected && `expected ${expected}`,
    got && `got ${got.length > 60 ? `${got.slice(0, 60)}…` : got}`,
  ]
    .filter(Boolean)
    .join(", ");
  return { text: `${where}${said || message}.`, from, to };
}
