/** Features as people say them: what a model goes by, and what it went by in one case. */
import type { CatalogItem, Context, FeatureReport, FeatureShare } from "tasteprint";
import { count, listed, minutes, percent, plain, words } from "./format.ts";
import { kindName, wordSaid } from "./moment.ts";

/** Of everybody, for reports, and of the reader, for explanations. Kinds of context are told by their names. */
const FIELDS: Partial<Record<string, [general: string, yours: string]>> = {
  type: ["Film or series", "Film or series"],
  genres: ["Genres", "Its genres"],
  year: ["Year", "Its year"],
  duration: ["Running time", "Its running time"],
  tags: ["Tags", "Its tags"],
  people: ["How the people in it are rated", "How all people rate films with its people"],
  description: ["Description", "Its description"],
  popularity: ["Popularity", "Its popularity"],
  age: ["Time in the catalog", "Its time in the catalog"],
  "item.count": ["How many rated the film", "How many rated it"],
  "item.mean": ["What all think of the film", "What all think of it"],
  "person.count": ["How much somebody rates", "How much you rate"],
  "person.mean": ["How high somebody rates", "How high you rate"],
  "person.spread": ["How far somebody's ratings range", "How far your ratings range"],
  "person.completion": ["How much somebody watches to the end", "How much you watch to the end"],
  "person.again": ["How often somebody would watch again", "How often you would watch again"],
  "person.recency": ["How long ago somebody rated", "How long ago you rated"],
  "person.evening": ["How often somebody rates in the evening", "How often you rate in the evening"],
  "person.night": ["How often somebody rates at night", "How often you rate at night"],
  "person.weekend": ["How often somebody rates at weekends", "How often you rate at weekends"],
  embedding: ["Where the pack sees the film", "Where the pack sees it"],
  hour: ["Hour", "The hour"],
  weekday: ["Weekday", "The weekday"],
  "match.genres": ["Somebody's taste in genres", "Your taste in genres"],
  "match.years": ["Somebody's taste in decades", "Your taste in decades"],
  "match.people": ["How its people did with somebody", "How its people did with you"],
  "match.tags": ["Somebody's taste in tags", "Your taste in tags"],
  completion: ["Share watched", "Share watched"],
  wouldWatchAgain: ["Would watch again", "Would watch again"],
};

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const nameOf = (field: string, yours: 0 | 1): string =>
  FIELDS[field]?.[yours] ??
  sentence(field.startsWith("context.") ? kindName(field.slice("context.".length)) : words(field));

/** The name of a field in a report; two fields that are multiplied keep their sign between them. */
export const fieldName = (field: string): string =>
  field
    .split(" × ")
    .map((each, i) => (i === 0 ? nameOf(each, 0) : nameOf(each, 0).toLowerCase()))
    .join(" × ");

/** A column of a field in a report. Numbered ones are several words in one place, and say nothing by themselves. */
export function partName(part: string | undefined): string {
  if (!part) return "its value";
  if (part === "missing") return "not known";
  if (part === "mean") return "on average";
  if (/^\d+$/.test(part)) return `part ${part}`;
  return part.split(" × ").map(wordSaid).join(" × ");
}

/** Ways to write a genre that presets of features take for one. */
const alike = (genre: string): string =>
  /^(sci-fi|science-fiction|sf)$/i.test(genre) ? "science fiction" : genre.toLowerCase();

/** What a share is about, for one film and one moment. Shares of the same words are added up. */
function about({ field, part }: FeatureShare, film: CatalogItem, moment: Context): string {
  if (field.includes(" × ")) return fieldName(field);
  if (field.startsWith("context.")) {
    const kind = field.slice("context.".length);
    const word = moment[kind];
    return `${sentence(kindName(kind))}: ${word ? wordSaid(word) : "not said"}`;
  }
  if (field === "genres") {
    if (film.genres?.some((genre) => alike(genre) === alike(part))) return part;
    return film.genres?.length ? "Genres it does not have" : "No genre given";
  }
  if (field === "type") return film.type ? sentence(film.type) : "Film or series";
  if (field === "year") return film.year === undefined ? "Year not known" : `Made in ${film.year}`;
  if (field === "duration")
    return film.duration === undefined ? "Running time not known" : `Runs ${minutes(film.duration)}`;
  return nameOf(field, 1);
}

/** Below half a thousandth of a rating point nobody sees it. */
const LEAST = 0.0005;
/** Shares shown by themselves. */
const SHOWN = 8;

export interface Share {
  label: string;
  contribution: number;
}

/** What features add to the score of a film, in words, largest first; what is beyond eight is joined. */
export function featureShares(features: readonly FeatureShare[], film: CatalogItem, moment: Context): Share[] {
  const sums = new Map<string, number>();
  for (const share of features) {
    const label = about(share, film, moment);
    sums.set(label, (sums.get(label) ?? 0) + share.contribution);
  }
  const all = [...sums]
    .map(([label, contribution]) => ({ label, contribution }))
    .filter(({ contribution }) => Math.abs(contribution) >= LEAST)
    .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  if (all.length <= SHOWN) return all;
  const rest = all.slice(SHOWN).reduce((sum, { contribution }) => sum + contribution, 0);
  return [...all.slice(0, SHOWN), { label: "Other features", contribution: rest }];
}

export interface FieldShare {
  field: string;
  label: string;
  importance: number;
  /** Of fields with several columns, those that count for something, largest first. */
  parts: { label: string; importance: number }[];
}

/** Importance summed by field, largest first. */
export function fieldShares({ columns }: FeatureReport): FieldShare[] {
  const fields = new Map<string, FieldShare>();
  for (const { field, part, importance } of columns) {
    const known = fields.get(field) ?? { field, label: fieldName(field), importance: 0, parts: [] };
    known.importance += importance;
    known.parts.push({ label: partName(part), importance });
    fields.set(field, known);
  }
  return [...fields.values()]
    .map((share) => ({
      ...share,
      parts:
        share.parts.length > 1
          ? share.parts.filter((part) => part.importance >= LEAST).sort((a, b) => b.importance - a.importance)
          : [],
    }))
    .sort((a, b) => b.importance - a.importance);
}

/** Figures of the learning itself, in sentences. */
export function fitText(fit: FeatureReport["fit"]): string[] {
  const number = (key: string): number | undefined => {
    const value = fit[key];
    return typeof value === "number" && Number.isFinite(value) ? value : undefined;
  };
  const said: string[] = [];
  const [rows, rmse, r2, liked, loss] = ["rows", "rmse", "r2", "liked", "loss"].map(number);
  if (rows !== undefined)
    said.push(`Learned from ${count(rows)} ratings${liked === undefined ? "" : `, ${count(liked)} of them likes`}.`);
  if (rmse !== undefined) {
    const where = fit.outOfBag ? "on ratings each tree had not seen" : "on the ratings it learned from";
    said.push(
      `Off by ${rmse.toFixed(2)} points ${where}${r2 === undefined ? "" : `, explaining ${percent(Math.max(0, r2))} of their spread`}.`,
    );
  }
  if (loss !== undefined) said.push(`Log loss ${plain(loss)}.`);
  if (fit.converged === false) said.push("It had not settled when its steps were used up.");
  const [before, after] = [number("eceBefore"), number("eceAfter")];
  if (before !== undefined && after !== undefined)
    said.push(`Chances were off by ${percent(before)} before calibration and ${percent(after)} after it.`);
  return said;
}

/** Features that are named of those that were tried. */
const TRIED = 3;

/** What came of trying columns one by one, in a sentence. */
export function triedText({ columns }: FeatureReport): string[] {
  const best = (of: (column: FeatureReport["columns"][number]) => number | undefined): string[] => {
    const fields = new Map<string, number>();
    for (const column of columns) {
      const value = of(column);
      if (value !== undefined && value > 0) fields.set(column.field, Math.max(value, fields.get(column.field) ?? 0));
    }
    const ranked = [...fields].sort((a, b) => b[1] - a[1]).slice(0, TRIED);
    return ranked.map(([field]) => fieldName(field));
  };
  const missed = best(({ permutation }) => permutation);
  const first = best(({ entered }) => (entered ? 1 / entered : undefined));
  return [
    ...(missed.length > 0 ? [`Shuffled on purpose, these were missed most: ${listed(missed)}.`] : []),
    ...(first.length > 0 ? [`Were few features allowed, these would come first: ${listed(first)}.`] : []),
  ];
}

/** Numbers far from the others, in sentences. */
export const outlierText = ({ outliers }: FeatureReport): string[] =>
  outliers.map(
    ({ field, count: n, example, low, high }) =>
      `${fieldName(field)}: ${count(n)} far from the others, such as ${plain(example)} where ${plain(low)} to ${plain(high)} is usual.`,
  );

/** What was left out, by field, in words. */
export function droppedText({ columns, dropped }: FeatureReport): string[] {
  const kept = new Set(columns.map(({ field }) => field));
  const whole = new Set(dropped.map(({ field }) => field).filter((field) => !kept.has(field)));
  const parts = dropped
    .filter(({ field }) => kept.has(field))
    .map(({ field, part }) => `${fieldName(field)} (${partName(part)})`);
  return [...[...whole].map(fieldName), ...parts];
}
