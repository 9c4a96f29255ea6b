/** `tasteprint pack`: trains models and writes them into a file for a page. */
import { createHash } from "node:crypto";
import { access, constants, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Tasteprint } from "../index.ts";
import type { ModelVersion, TrainOptions } from "../types.ts";
import type { ModelAsk, PackCommand } from "./args.ts";
import { Failure, opened, trainOptions, type World } from "./work.ts";

export async function pack(command: PackCommand, world: World): Promise<void> {
  const { models, output, half, label, licence } = command;
  await writable(output);
  const { taste, data } = await opened(command, world);
  try {
    const versions: ModelVersion[] = [];
    for (const ask of models) versions.push(await train(taste, command, ask, world));
    const bytes = await taste.exportPack({
      versions: versions.map((v) => v.id),
      precision: half ? "f16" : "f32",
      label: label ?? data.label,
      ...(licence !== undefined && { licence }),
    });
    await write(output, bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    if (command.json) {
      const { ratings, users, items, sparsity, scale, dropped } = data;
      const listed = versions.map(({ model, label: name, params, seed, metrics, baseline, trainingMs }) => {
        return { model, label: name, params, seed, metrics, baseline, trainingMs };
      });
      const read = { ratings, users, items, sparsity, scale, dropped };
      world.print(JSON.stringify({ output, bytes: bytes.length, sha256, data: read, models: listed }));
    } else {
      for (const version of versions) world.print(`${version.model}: ${figures(version)}`);
      world.print(`${output}: ${bytes.length} bytes, SHA-256 ${sha256}`);
    }
  } finally {
    await taste.close();
  }
}

/** Said before the work, not after it. */
async function writable(output: string): Promise<void> {
  const folder = dirname(resolve(output));
  try {
    await access(folder, constants.W_OK);
  } catch {
    throw new Failure(`${output}: the folder ${folder} is not there, or nothing may be written into it`);
  }
  const there = await stat(output).catch(() => undefined);
  if (there?.isDirectory()) throw new Failure(`${output}: this is a folder`);
}

/** Whole or not at all. */
async function write(output: string, bytes: Uint8Array): Promise<void> {
  const part = `${output}.${process.pid}.part`;
  try {
    await writeFile(part, bytes);
    await rename(part, output);
  } catch (error) {
    await rm(part, { force: true });
    throw new Failure(`${output}: ${(error as Error).message}`);
  }
}

async function train(
  taste: Tasteprint,
  command: PackCommand,
  ask: ModelAsk,
  { progress }: World,
): Promise<ModelVersion> {
  const began = performance.now();
  // Its name, so that the same command gives the same bytes: the default one holds the time.
  const run = taste.train({ ...trainOptions(command), ...ask, label: ask.model } as TrainOptions);
  for await (const { phase, epoch, epochs, fraction, loss, validation, etaMs } of run) {
    const parts = [`${ask.model}: ${phase}, epoch ${epoch} of ${epochs}`];
    if (loss !== undefined) parts.push(`loss ${loss.toFixed(4)}`);
    if (validation !== undefined) parts.push(`validation ${validation.toFixed(4)}`);
    if (etaMs !== undefined) parts.push(`${Math.ceil(etaMs / 1000)} s to go`);
    progress.show(parts.join(", "), fraction);
  }
  const result = await run.done;
  if (!result.trained) throw new Failure(`${ask.model} could not be trained: ${result.message}`);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  progress.done(`${ask.model}: trained in ${seconds} s, ${figures(result)}`);
  return result;
}

/** The two figures that say most, with those of popularity on the same ratings. */
function figures({ metrics, baseline }: ModelVersion): string {
  if (!metrics) return "nothing held out, no figures";
  const beside = (x: number | undefined) => (x === undefined ? "" : ` (popularity ${x.toFixed(4)})`);
  const rmse = `RMSE ${metrics.rmse.toFixed(4)}${beside(baseline?.rmse)}`;
  return `${rmse}, nDCG@${metrics.k} ${metrics.ndcg.toFixed(4)}${beside(baseline?.ndcg)}`;
}
