/** Training, from the first epoch or from a checkpoint; searching; evaluating. */
import { TasteprintError } from "../errors.ts";
import type { EvaluateAsk, Reply, Task, TrainArgs, TrainAsk } from "../protocol.ts";
import type {
  EvaluationReport,
  InteractionColumns,
  NotTrained,
  SearchProgress,
  SearchResult,
  TrainProgress,
  TrainResult,
} from "../types.ts";
import { dropCheckpoint, type Kept, keeper, readBytes, readKept } from "./checkpoint.ts";
import { columnsOf } from "./data.ts";
import { withMembers } from "./members.ts";
import { remember, rememberReport, withBest } from "./memory.ts";
import { bytesOf, keepVersion, room, version } from "./models.ts";
import { breathe, type House, type Registry, reporter, steps, undertaking } from "./rooms.ts";

/** True where trainings learn from this browser's own feedback. */
const learnsFromOwn = (house: House) => (house.engine.status() as { ratings: number }).ratings === 0;

/** The version a training goes on from. */
function parent(house: House, from: string): Registry["versions"][number] {
  const { versions } = house.registry;
  const found = versions.find(({ id }) => id === from);
  const place = { place: "train.from", got: from };
  if (!found)
    throw TasteprintError.of("unknown-version", "there is no such version", {
      ...place,
      expected: versions.map(({ id }) => id).join(", ") || "none is listed",
      hint: "models.list() shows the versions there are.",
    });
  // Else what somebody wants forgotten could live on in a model of the community's ratings.
  if ((found.data.feedback ?? 0) > 0 && !learnsFromOwn(house))
    throw TasteprintError.of("invalid-argument", "this version learned from this browser's own feedback", {
      ...place,
      expected: "a version that learned from a community's ratings, as there are some now",
      hint: "Train anew, without `from`.",
    });
  return found;
}

/** What is asked in full: the best parameters, what versions name, and what one says where something is left out. */
async function complete(
  house: House,
  ask: TrainAsk,
  begun: TrainAsk | undefined,
): Promise<TrainAsk & { model: string; params?: object }> {
  // What goes on from a checkpoint needs the version no more.
  const inherited = begun?.from === ask.from ? (begun as { model: string; params: object } | undefined) : undefined;
  const known = ask.from === undefined ? undefined : (inherited ?? parent(house, ask.from));
  const named = { ...(known && { model: known.model }), ...ask };
  // Without a name at all the engine says what is missing.
  const full = await withBest(house, named as typeof named & { model: string });
  const given = full.params ?? {};
  if (!known || known.model !== full.model || typeof given !== "object") return withMembers(house, full);
  return withMembers(house, { ...full, params: { ...known.params, ...given } });
}

/** The bytes of the version a training goes on from; nothing where it begins anew. */
async function parentBytes(house: House, from: string | undefined): Promise<Uint8Array | undefined> {
  if (from === undefined) return undefined;
  const bytes = await bytesOf(house, parent(house, from).id);
  if (bytes) return bytes;
  throw TasteprintError.of("storage-corrupt", "this version cannot be read", {
    place: "train.from",
    got: from,
    hint: "Train anew, without `from`.",
  });
}

export async function train(house: House, { begin, resume }: TrainArgs, task: Task): Promise<TrainResult> {
  const { engine, bindings } = house;
  const kept = resume ? await readKept(house) : undefined;
  const chosen = begin ?? kept?.begin;
  if (!chosen)
    throw TasteprintError.of("no-checkpoint", "there is no training to go on with", {
      hint: "status().checkpoint tells whether there is one; call train().",
    });
  const started = performance.now();
  // What goes on as it was begun is complete, even where the version it came from is gone by now.
  const asked = begin
    ? await complete(house, chosen.ask, kept?.begin.ask)
    : (chosen.ask as Awaited<ReturnType<typeof complete>>);
  const ask = { seed: kept?.seed ?? bindings.randomSeed(), ...asked };
  // Where its bytes are damaged, all that is lost is time.
  const bytes = kept && (await readBytes(house));
  room(house);
  if (bytes) engine.trainResume(ask, bytes);
  else {
    const parent = await parentBytes(house, ask.from);
    const refused = await undertaking(house, async () => {
      engine.trainPrepare(ask);
      await breathe();
      task.signal.throwIfAborted();
      return engine.trainBegin(ask, parent) as Omit<NotTrained, "trained"> | undefined;
    });
    if (refused) return { trained: false, ...refused };
  }
  const [spent, own] = [bytes ? kept.spentMs : 0, learnsFromOwn(house)];
  const since = () => spent + performance.now() - started;
  const { params } = bindings.check(ask.model, ask.params) as { params: Kept["params"] };
  const writer = keeper(house);
  return undertaking(house, async () => {
    try {
      if (!bytes) await dropCheckpoint(house);
      const due = reporter();
      // What was done before does not say how fast it goes now.
      let from = bytes ? undefined : 0;
      await steps(
        task,
        (budget) => engine.trainStep(budget) as Omit<TrainProgress, "phase"> & { phase: string; between: boolean },
        ({ between, ...p }) => {
          if (p.phase === "done") return true;
          from ??= p.fraction;
          const done = p.fraction - from;
          const etaMs = ((performance.now() - started) * (1 - p.fraction)) / done;
          // Every epoch is reported, for the chart; within one, often enough for a bar to move.
          if (due(p.epoch)) task.progress({ ...p, ...(done > 0.01 && { etaMs }) });
          const about = () => {
            const { model, seed } = ask as Kept;
            const { epoch, epochs } = p;
            return {
              model,
              params,
              seed,
              epoch,
              epochs,
              at: Date.now(),
              begin: { ...chosen, ask },
              spentMs: since(),
              own,
            };
          };
          if (between) writer.offer(() => engine.trainCheckpoint(), about);
          return false;
        },
      );
      await writer.settled();
      const label = chosen.label ?? `${ask.model} ${new Date().toISOString().slice(0, 16).replace("T", " ")}`;
      const done = engine.trainFinish(bindings.randomId(), label, Date.now(), since()) as {
        version: Registry["versions"][number];
        bytes: Uint8Array;
      };
      const { epochs = 1 } = done.version.params;
      task.progress({ phase: "saving", epoch: done.version.history.length, epochs, fraction: 1 });
      await breathe();
      task.signal.throwIfAborted();
      return { ...(await keepVersion(house, done, chosen.activate)), trained: true };
    } catch (error) {
      // What only shows on the way, as with the members of an ensemble.
      const refused = error as { code?: string; message?: string; details?: { got?: NotTrained["reason"] } };
      if (refused?.code === "not-enough-data" && refused.details?.got) {
        await writer.giveUp();
        return { trained: false, reason: refused.details.got, message: String(refused.message) };
      }
      // Who aborts gives it up, and what the engine refuses it would refuse again; after a trap or where there was no
      // room for the model, it can be gone on with.
      if (task.signal.aborted || !(error instanceof Error)) await writer.giveUp();
      throw error;
    }
  });
}

/** A configuration with every parameter named. */
export function check(house: House, config: { model: string; params?: unknown }): Reply<"check"> {
  const { model, params } = withMembers(house, config);
  return house.bindings.check(model, params) as Reply<"check">;
}

export async function search(
  house: House,
  { ask, timeBudgetMs = Number.POSITIVE_INFINITY }: { ask: object; timeBudgetMs?: number },
  task: Task,
): Promise<SearchResult> {
  const { engine, bindings } = house;
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  const seeded = { seed: bindings.randomSeed(), ...withMembers(house, ask) };
  engine.searchBegin(seeded);
  return undertaking(house, async () => {
    const due = reporter();
    let stopped = false;
    await steps(
      task,
      (budget) => engine.searchStep(budget) as Omit<SearchProgress, "elapsedMs">,
      (p) => {
        if (due(p.trial) || p.fraction === 1) task.progress({ ...p, elapsedMs: elapsed() });
        if (!stopped && elapsed() >= timeBudgetMs) {
          engine.searchStop();
          stopped = true;
        }
        return p.fraction === 1;
      },
    );
    const { seed } = seeded;
    const found = { ...(engine.searchFinish() as SearchResult), seed, tookMs: elapsed() };
    const { model, metric, protocol, best, trials } = found;
    const { params, value } = best;
    const one = { model, params, metric, value, protocol, trials: trials.length, seed, at: Date.now() };
    await remember(house, engine.fingerprint(), learnsFromOwn(house), one as Parameters<typeof remember>[3]);
    return found;
  });
}

export async function evaluate(
  house: House,
  { ask, test }: { ask: EvaluateAsk; test?: InteractionColumns },
  task: Task,
): Promise<EvaluationReport> {
  const { engine, bindings } = house;
  const { versions: ids, models = [], ...rest } = ask;
  const active = house.registry.active === undefined ? [] : [house.registry.active];
  const named = (ids ?? (models.length > 0 ? [] : active)).map((id) => {
    const { label, model, params } = version(house, id);
    return { name: label, version: id, model, params };
  });
  const others = [];
  for (const [i, model] of models.entries()) {
    const place = `models[${i}].params`;
    others.push(withMembers(house, await withBest(house, model, place), place));
  }
  const request = { seed: bindings.randomSeed(), ...rest, models: [...named, ...others] };
  engine.evaluateBegin(request, test && columnsOf(bindings, test));
  return undertaking(house, async () => {
    await steps(
      task,
      (budget) => engine.evaluateStep(budget),
      (fraction) => {
        task.progress({ fraction });
        return fraction >= 1;
      },
    );
    const report = engine.evaluateFinish() as EvaluationReport;
    await rememberReport(house, learnsFromOwn(house), report);
    return report;
  });
}
