/** Models and their parameters as people say them. What the engine knows of them (ranges, defaults) it says itself. */
import type { EnsembleMember, LabelRule, ModelKind, ModelName, ParamInfo, ParamValue } from "tasteprint";
import { listed, plain, words } from "./format.ts";

interface ModelWords {
  name: string;
  /** What it is good at, in a sentence. */
  says: string;
  /** How long it learns from a hundred thousand ratings on an ordinary computer. */
  takes: string;
}

const MODELS: Partial<Record<string, ModelWords>> = {
  popularity: {
    name: "Popularity",
    says: "The mean rating of each film: knows nothing of you, and is what the others are measured by.",
    takes: "at once",
  },
  "item-knn": {
    name: "Item k-NN",
    says: "Films are neighbours when the same people rate them alike; what you rated highly brings its neighbours along.",
    takes: "a second or two",
  },
  "matrix-factorization": {
    name: "Matrix factorization",
    says: "Learns directions of taste from who rated what, and fits you into them: good expected ratings, quickly.",
    takes: "a second or two",
  },
  "implicit-als": {
    name: "Implicit ALS",
    says: "Asks only who liked what, and makes lists of it: good company from a handful of likes on.",
    takes: "a second or two",
  },
  ease: {
    name: "EASE",
    says: "Weighs every film against every other in one equation: often the best lists, and hardly anything to set.",
    takes: "a second or two; twice as many films take eight times as long",
  },
  "factorization-machine": {
    name: "Factorization machine",
    says: "Draws many explanations of the ratings instead of one: the closest expected ratings, and it knows its doubts.",
    takes: "a few seconds or more",
  },
  "neural-cf": {
    name: "Neural CF",
    says: "A small neural network that learns what goes with whom: lists, for those who want to see one compared.",
    takes: "a quarter of a minute or more",
  },
  "random-forest": {
    name: "Random forest",
    says: "Many trees of questions about a film, a person and the moment: expected ratings even for films nobody has rated, and it says what it goes by.",
    takes: "half a minute or more",
  },
  "logistic-regression": {
    name: "Logistic regression",
    says: "Weighs what is known of a film, a person and the moment into the chance of a like: plain, quick, and every weight can be read.",
    takes: "a few seconds",
  },
  ensemble: {
    name: "Ensemble",
    says: "Several models as one: each counts as much as it has earned on ratings it had not seen.",
    takes: "a few minutes: its members learn several times",
  },
};

/** The name of a model as people say it. */
export const modelName = (name: string): string => MODELS[name]?.name ?? sentence(words(name));

export const modelSays = (name: string): string => MODELS[name]?.says ?? "";

export const modelTakes = (name: string): string => MODELS[name]?.takes ?? "";

/** What a model is good at, as a badge. */
export const aimWords = (aim: "ratings" | "lists"): string => (aim === "lists" ? "lists" : "ratings");

interface ParameterWords {
  label: string;
  help: string;
  /** True for what most people who change anything change; the others are folded away. */
  main?: boolean;
}

/** By key; where a model means something else by it, by `model.key`. */
const PARAMETERS: Record<string, ParameterWords> = {
  factors: { label: "Factors", help: "Directions of taste", main: true },
  epochs: { label: "Epochs", help: "Passes over the ratings, at most", main: true },
  "implicit-als.epochs": { label: "Rounds", help: "People, then films, in each", main: true },
  "factorization-machine.epochs": { label: "Sweeps", help: "Draws of all parameters", main: true },
  regularization: { label: "Regularization", help: "Against learning by heart", main: true },
  shrinkage: { label: "Shrinkage", help: "Against similarities of few people", main: true },
  "popularity.shrinkage": { label: "Shrinkage", help: "Average ratings in advance", main: true },
  neighbours: { label: "Neighbours", help: "Films that an expectation is made of", main: true },
  "ease.neighbours": { label: "Weights kept", help: "For each film, the largest" },
  alpha: { label: "Alpha", help: "What a like counts against its absence", main: true },
  history: { label: "History", help: "Whether it says something what was rated at all", main: true },
  content: { label: "Genres and years", help: "Whether they describe films, too", main: true },
  context: {
    label: "Circumstances",
    help: "Whether mood, company and the like of ratings count, where the data has them",
  },
  learningRate: { label: "Learning rate", help: "Length of a step" },
  biasRegularization: { label: "Bias regularization", help: "On leanings of people and films" },
  learningRateDecay: { label: "Decay", help: "Of the step, per epoch" },
  initScale: { label: "First factors", help: "Standard deviation" },
  minSimilarity: { label: "Least similarity", help: "Below it, films are no neighbours" },
  damping: { label: "Damping", help: "Average ratings in advance, for a film's mean" },
  leaning: { label: "Your leaning", help: "How much your own mean counts" },
  kept: { label: "Neighbours kept", help: "For each film" },
  frequencyScaling: { label: "Frequency scaling", help: "More regularization where more is known" },
  weighting: { label: "Weight of a like", help: "What one like counts beside another" },
  likedFrom: { label: "Liked from", help: "As a share of the scale: 0.75 is 4 stars" },
  steps: { label: "Steps", help: "Of conjugate gradient, per row and round" },
  historyScaling: { label: "History scaling", help: "0: who likes much decides; 1: a vote each" },
  maxItems: { label: "Films at most", help: "Most liked first; memory grows with their square" },
  burnIn: { label: "Burn-in", help: "Share of the sweeps before the first kept one" },
  samples: { label: "Samples", help: "Sweeps that are kept" },
  power: { label: "Power", help: "How far the model believes itself" },
  seenWeight: { label: "Weight of the rest", help: "What a rating just below a like counts" },
  layers: { label: "Layers", help: "Of the network, each half as wide as the one before" },
  hidden: { label: "Width", help: "Of the first layer" },
  layerFactors: { label: "Layer factors", help: "Directions that go through the layers" },
  itemRegularization: { label: "Film regularization", help: "On the directions of films" },
  decay: { label: "Weight decay", help: "Shrinks the layers, per step" },
  folds: { label: "Parts", help: "Of the ratings; each is predicted from the others", main: true },
  "ensemble.shrinkage": { label: "Drawn to equal", help: "Ratings in advance that say all members are as good" },
  trees: { label: "Trees", help: "More are steadier, and slower", main: true },
  maxDepth: { label: "Depth", help: "Questions one after the other, at most; 0: as many as it takes", main: true },
  minLeaf: {
    label: "Smallest leaf",
    help: "Ratings that an answer rests on, at least; 0: more where there are many",
    main: true,
  },
  minSamples: { label: "Ratings needed", help: "With fewer, nothing is learned" },
  maxFeatures: { label: "Share of features", help: "That each question is chosen from; 0: a third" },
  bootstrap: { label: "Bootstrap", help: "Whether each tree sees ratings drawn anew" },
  "logistic-regression.regularization": { label: "Regularization", help: "Against large weights", main: true },
  penalty: { label: "Penalty", help: "Squares (l2) shrink weights, sizes (l1) also strike some out", main: true },
  balanced: { label: "Balanced", help: "Whether likes and dislikes count alike, however many there are", main: true },
  maxIterations: { label: "Steps at most", help: "To the best weights" },
  tolerance: { label: "Tolerance", help: "How near the best is near enough" },
  calibrate: { label: "Calibrated", help: "Whether chances are set right on ratings held back" },
  features: { label: "Features", help: "What is known of a film, a person and a moment, and how it becomes numbers" },
  label: { label: "Likes", help: "What counts as liked; a condition on what was not said decides nothing" },
  members: { label: "Members", help: "Each learns anew, and counts as much as it has earned" },
  negatives: { label: "Negatives", help: "Films drawn against the liked ones, per step" },
};

/** Label and help of a parameter; one that is not known here has its key taken apart. */
export function parameterWords(model: ModelName, key: string): ParameterWords {
  return (
    PARAMETERS[`${model}.${key}`] ?? PARAMETERS[key] ?? { label: sentence(key.replace(/([A-Z])/g, " $1")), help: "" }
  );
}

/** Choices as the engine calls them, where that is not how people say it. */
const CHOICES: Partial<Record<string, string>> = {
  binary: "all alike",
  linear: "by stars",
  log: "by log of stars",
  people: "of people",
  both: "of people and films",
};

type Ranged = Exclude<ParamInfo, { kind: "choice" | "flag" }>;

/** `1 to 512`, `above 0, up to 1`. */
export function rangeWords(info: Ranged): string {
  const [min, max] = [plain(info.min), plain(info.max)];
  return info.kind === "above" ? `above ${min}, up to ${max}` : `${min} to ${max}`;
}

/** A value of a parameter, for tables and sentences. */
export function valueWords(value: ParamValue | undefined): string {
  if (typeof value === "number") return plain(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "object") return declaredWords(value);
  return CHOICES[value ?? ""] ?? words(value ?? "–");
}

/** What was declared, as far as it fits into a line. */
function declaredWords(value: Extract<ParamValue, object>): string {
  if (Array.isArray(value))
    return listed(value.map((one: EnsembleMember) => ("model" in one ? modelName(one.model) : one.version)));
  return "features" in value ? "of one's own" : ruleWords(value as LabelRule);
}

function ruleWords(rule: LabelRule): string {
  if ("all" in rule) return rule.all.map(ruleWords).join(" and ");
  if ("any" in rule) return rule.any.map(ruleWords).join(" or ");
  // The engine writes an `is` as a comparison.
  const { field, op, value, is = value } = rule as { field: string; op?: string; value?: number; is?: unknown };
  if (field === "wouldWatchAgain") return is ? "would watch again" : "would not watch again";
  return `${field} ${op} ${value}`;
}

/** Parameters that are data, which the engine does not list among the others: they are there where they were declared. */
const DECLARED = ["features", "label", "members"];

/** Settings that differ from the defaults, in words. */
export function settingsWords(kind: ModelKind | undefined, params: Readonly<Record<string, ParamValue>>): string {
  const changed = [
    ...(kind?.params ?? []).filter(({ name, default: usual }) => params[name] !== usual).map(({ name }) => name),
    ...DECLARED,
  ].filter((name) => params[name] !== undefined);
  if (!kind || changed.length === 0) return "the defaults";
  return changed
    .map((name) => `${parameterWords(kind.name, name).label.toLowerCase()} ${valueWords(params[name])}`)
    .join(", ");
}

function sentence(text: string): string {
  const lower = text.toLowerCase();
  return lower.charAt(0).toUpperCase() + lower.slice(1);
}
