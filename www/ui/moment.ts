/** Circumstances in words: the mood, the company and the time somebody has. */
import type { Context } from "tasteprint";
import { words } from "./format.ts";

export type MomentKey = "mood" | "group" | "session";

interface MomentKind {
  key: MomentKey;
  label: string;
  /** What it is called in the middle of a sentence. */
  name: string;
  words: readonly (readonly [word: string, label: string])[];
}

export const KINDS: readonly MomentKind[] = [
  {
    key: "mood",
    label: "In the mood for",
    name: "mood",
    words: [
      ["funny", "Funny"],
      ["action", "Action"],
      ["dramatic", "Dramatic"],
      ["relaxing", "Relaxing"],
    ],
  },
  {
    key: "group",
    label: "Company",
    name: "company",
    words: [
      ["solo", "Alone"],
      ["couple", "Two of us"],
      ["group", "A group"],
    ],
  },
  {
    key: "session",
    label: "Time for",
    name: "time",
    words: [
      ["short", "Something short"],
      ["medium", "A film"],
      ["binge", "All night"],
    ],
  },
];

/** How a circumstance of any name is called: those of imported data may be others than ours. */
export const kindName = (key: string): string => KINDS.find((kind) => kind.key === key)?.name ?? words(key);

const SAID: Partial<Record<string, string>> = {
  solo: "alone",
  couple: "as two",
  group: "in a group",
  short: "for something short",
  medium: "for a film",
  binge: "all night",
};

/** A word in the middle of a sentence. */
export const wordSaid = (word: string): string => SAID[word] ?? words(word);

/** `funny, alone, all night`; empty where nothing is said. */
export const momentText = (context: Context | undefined): string =>
  Object.values(context ?? {})
    .filter((word) => word !== undefined)
    .map(wordSaid)
    .join(", ");

/** A choice taken up or, with an empty word, taken back. */
export function withWord(context: Context, key: string, word: string): Context {
  const { [key]: _, ...others } = context;
  return word ? { ...others, [key]: word } : others;
}
