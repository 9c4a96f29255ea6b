/** Where in a text of JSON something stands that a path names: `params.label.all[0].op` is in line 3. */

type Step = string | number;

/** The steps of a path as errors have it. */
export const stepsOf = (path: string): Step[] =>
  [...path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, at, key]) => (at === undefined ? (key as string) : Number(at)));

/**
 * From where to where the value stands, counted in characters. Of something that is not there: what it is missing from.
 * The text has to be valid JSON.
 */
export function placeIn(text: string, steps: readonly Step[]): [from: number, to: number] {
  const tokens = [...text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s[\]{}:,"]+/g)];
  let at = 0;
  let found: [number, number] = [0, text.length];
  let depth = -1;

  /** Reads a value; `on` tells how many steps of the path lead here, −1 where another way was taken. */
  function value(on: number): void {
    const open = tokens[at++];
    const from = open?.index ?? 0;
    if (open?.[0] === "{" || open?.[0] === "[") inside(open[0] === "[", on);
    const last = tokens[at - 1];
    if (on > depth) [depth, found] = [on, [from, (last?.index ?? from) + (last?.[0].length ?? 0)]];
  }

  function inside(list: boolean, on: number): void {
    for (let n = 0; at < tokens.length && !/^[\]}]$/.test(tokens[at]?.[0] ?? "]"); n++) {
      let step: Step = n;
      if (!list) {
        step = JSON.parse(tokens[at]?.[0] ?? '""');
        // The key and its colon.
        at += 2;
      }
      value(on >= 0 && steps[on] === step ? on + 1 : -1);
      if (tokens[at]?.[0] === ",") at++;
    }
    at++;
  }

  value(0);
  return found;
}

/** The line of a character, counted from 1. */
export const lineOf = (text: string, at: number): number => text.slice(0, at).split("\n").length;
