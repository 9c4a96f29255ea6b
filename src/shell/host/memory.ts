/** What searches and evaluations found: the best parameters by the data's fingerprint, and how versions differ. */
import { TasteprintError } from "../errors.ts";
import type { Evaluated } from "../protocol.ts";
import type { BestParams, EvaluationReport, ModelName } from "../types.ts";
import type { House } from "./rooms.ts";

/** Names of the entries. */
const BEST = "best";
const EVALUATED = "evaluated";
/** Data sets and evaluations remembered. */
const MOST = 20;

/** What was found on one data set; `own` where that was this browser's feedback. */
interface Found {
  data: string;
  own: boolean;
  found: BestParams[];
}

const all = async (house: House) => ((await house.store.getMeta(BEST)) as Found[] | undefined) ?? [];

/** What was found on the data that is here. */
export async function best(house: House): Promise<BestParams[]> {
  const data = house.engine.fingerprint();
  return (await all(house)).find((f) => f.data === data)?.found ?? [];
}

/** Keeps what was found, unless something better was found in the same way. */
export async function remember(house: House, data: string, own: boolean, one: BestParams): Promise<void> {
  const known = await all(house);
  const found = known.find((f) => f.data === data)?.found ?? [];
  const before = found.find((b) => b.model === one.model);
  const same = before?.metric === one.metric && before.protocol === one.protocol && before.seed === one.seed;
  const worse = before && (one.metric === "rmse" ? before.value < one.value : before.value > one.value);
  if (same && worse) return;
  const now = { data, own, found: [...found.filter((b) => b !== before), one] };
  await house.store.setMeta({ [BEST]: [...known.filter((f) => f.data !== data), now].slice(-MOST) });
}

/** What evaluations said of listed versions that were measured together, oldest first. */
export const evaluated = async (house: House): Promise<(Evaluated & { own: boolean })[]> =>
  ((await house.store.getMeta(EVALUATED)) as (Evaluated & { own: boolean })[] | undefined) ?? [];

/** Keeps the figures of versions and how they differ; a report on less than two has nothing to compare. */
export async function rememberReport(house: House, own: boolean, report: EvaluationReport): Promise<void> {
  const { protocol, k, pairs, rows } = report;
  if (pairs.length === 0) return;
  const versions = rows.flatMap(({ version, metrics }) => (version === undefined ? [] : [{ version, metrics }]));
  const one = { own, protocol, k, at: Date.now(), versions, pairs };
  await house.store.setMeta({ [EVALUATED]: [...(await evaluated(house)), one].slice(-MOST) });
}

/** Nothing stays of data that is to be forgotten. */
export async function forgetOwn(house: House): Promise<void> {
  const others = <T extends { own: boolean }>(known: T[]) => known.filter((one) => !one.own);
  await house.store.setMeta({ [BEST]: others(await all(house)), [EVALUATED]: others(await evaluated(house)) });
}

/** A model with its parameters, where they may be "best". */
export async function withBest<A extends { model: string; params?: object | "best" }>(
  house: House,
  ask: A,
  place = "params",
): Promise<A & { params?: object }> {
  if (ask.params !== "best") return ask as A & { params?: object };
  const found = (await best(house)).find((b) => b.model === (ask.model as ModelName));
  if (!found)
    throw TasteprintError.of("invalid-argument", "nothing better than the defaults is known", {
      place,
      expected: `a search for ${ask.model} on the data that is here`,
      got: '"best"',
      hint: "Call search() first, or leave the parameters out.",
    });
  return { ...ask, params: found.params };
}
