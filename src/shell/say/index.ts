/** Sentences for reason codes. The engine gives codes and numbers; words and number formats are found here. */
import type { Reason } from "../types.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";

/** What a locale's sentences are made with. */
export interface Words {
  /** "a, b and c", in quotes. */
  titles: string;
  genres: string;
  /** Genres, tags and names together, and whether they are several. */
  words: string;
  manyWords: boolean;
  rating: string;
  people: string;
  count: number;
}

export type Sentences = Record<Reason["code"], (w: Words) => string>;

const LOCALES: Record<string, Sentences> = { en, de };

/** A function that says reasons in a language; English where there is no better. */
export function sayer(locale: string, title: (id: string) => string): (reason: Omit<Reason, "text">) => string {
  const language = locale.split("-")[0] ?? "en";
  const sentences = LOCALES[language] ?? en;
  const tag = language in LOCALES ? locale : "en";
  const list = new Intl.ListFormat(tag, { type: "conjunction" });
  const rating = new Intl.NumberFormat(tag, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const people = new Intl.NumberFormat(tag);
  return ({ code, evidence }) => {
    const items = evidence.items ?? [];
    const words = [...(evidence.genres ?? []), ...(evidence.traits ?? [])];
    const quote = (id: string) => (language === "de" ? `„${title(id)}“` : `“${title(id)}”`);
    return (sentences[code] ?? ((w) => w.titles))({
      titles: list.format(items.map(quote)),
      genres: list.format(evidence.genres ?? []),
      words: list.format(words),
      manyWords: words.length > 1,
      rating: evidence.rating === undefined ? "" : rating.format(evidence.rating),
      people: evidence.people === undefined ? "" : people.format(evidence.people),
      count: items.length,
    });
  };
}
