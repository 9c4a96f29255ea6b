/** How long answers take on this device. Nothing that is stored, and nobody who is known, changes. */
import { TasteprintError } from "../errors.ts";
import { known, refuse } from "../options.ts";
import type { Task } from "../protocol.ts";
import type { Benchmark, BenchmarkOptions, Recommendation, Timing } from "../types.ts";
import { breathe, type House } from "./rooms.ts";

/** Clocks of browsers tick every millisecond at worst. */
const LEAST_MS = 2;

/** One timing: the mean of as many calls as the clock can tell apart. */
function sample(call: () => void): number {
  const from = performance.now();
  for (let calls = 1; ; calls++) {
    call();
    const passed = performance.now() - from;
    if (passed >= LEAST_MS) return passed / calls;
  }
}

/** The value that a share of them does not exceed. */
function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.ceil(share * ascending.length) - 1] as number;
}

function whole(place: string, value: unknown, low: number, high: number): number {
  if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) return value as number;
  throw refuse(place, `a whole number from ${low} to ${high}`, value);
}

export async function benchmark(house: House, ask: Omit<BenchmarkOptions, "signal">, task: Task): Promise<Benchmark> {
  known(ask, ["k", "repeats", "signal"], "benchmark");
  const k = whole("benchmark.k", ask.k ?? 10, 1, 1000);
  const repeats = whole("benchmark.repeats", ask.repeats ?? 50, 5, 1000);
  const version = house.registry.versions.find(({ id }) => id === house.registry.active);
  if (!version)
    throw TasteprintError.of("no-model", "no model serves", { hint: "Train one, or open with a pack, first." });
  const { engine } = house;
  const list = () => engine.recommend({ k, excludeSeen: false }) as { list: Recommendation[] };
  const shown = list().list.map(({ item }) => item);
  const { scale } = engine.status() as { scale: { max: number } };
  // One item after the other, so that nothing is measured that a cache has from the call before.
  let next = 0;
  const item = () => shown[next++ % shown.length] as string;
  const time = async (call: () => void): Promise<Timing> => {
    call();
    const taken: number[] = [];
    while (taken.length < repeats) {
      await breathe();
      task.signal.throwIfAborted();
      taken.push(sample(call));
    }
    taken.sort((a, b) => a - b);
    return { median: quantile(taken, 0.5), p95: quantile(taken, 0.95) };
  };
  return {
    version: version.id,
    model: version.model,
    items: house.catalog.items.length,
    k,
    repeats,
    recommend: await time(list),
    predict: await time(() => engine.predict({ item: item() })),
    foldIn: await time(() => engine.evaluateFoldIn({ item: item() }, scale.max)),
  };
}
