/** What both commands do first: read files, check what is asked, open an engine with the data. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { Tasteprint, type TasteprintError } from "../index.ts";
import type { DataReport, EvaluateOptions, TrainOptions } from "../types.ts";
import type { EvaluateCommand, PackCommand } from "./args.ts";
import type { Progress } from "./progress.ts";

/** What a command may use of the world. */
export interface World {
  progress: Progress;
  /** Writes a result. */
  print(text: string): void;
}

/** A failure whose message says it all: exit code 1. */
export class Failure extends Error {}

const REASONS: Record<string, string> = {
  ENOENT: "there is no such file",
  EISDIR: "this is a folder",
  EACCES: "it may not be read",
};

async function readAll(files: readonly string[]): Promise<{ name: string; bytes: Uint8Array }[]> {
  return Promise.all(
    files.map(async (path) => {
      try {
        return { name: basename(path), bytes: await readFile(path) };
      } catch (error) {
        const { code = "", message } = error as NodeJS.ErrnoException;
        throw new Failure(`${path}: ${REASONS[code] ?? message}`);
      }
    }),
  );
}

/** Asks without data: a misspelt name or parameter is refused before an hour of reading and training. */
async function rehearse(taste: Tasteprint, command: PackCommand | EvaluateCommand): Promise<void> {
  const options = command.name === "pack" ? trainOptions(command) : { seed: command.seed };
  for (const ask of command.models) await taste.train({ ...options, ...ask } as TrainOptions).done;
  if (command.name === "evaluate")
    await taste.evaluate(evaluateOptions(command)).catch((error: TasteprintError) => {
      // That there is no data is all that may be wrong.
      if (error.details?.place !== "data") throw error;
    });
}

/** An engine in memory that has read the files. */
export async function opened(
  command: PackCommand | EvaluateCommand,
  { progress }: World,
): Promise<{ taste: Tasteprint; data: DataReport }> {
  const { files, mapping, scale, label } = command;
  // The engine works on this very thread: there is no page that could freeze.
  const taste = await Tasteprint.open({ name: "cli", persistence: "memory", worker: false });
  try {
    await rehearse(taste, command);
    progress.show("reading");
    const run = taste.importRatings(await readAll(files), {
      ...(mapping && { mapping }),
      ...(scale && { scale }),
      ...(label !== undefined && { label }),
    });
    for await (const { file, rows, fraction } of run) progress.show(`reading ${file}: ${rows} rows`, fraction);
    const data = await run.done;
    const dropped = data.dropped.reduce((sum, d) => sum + d.count, 0);
    const left = dropped > 0 ? `, ${dropped} rows left out (${data.dropped.map((d) => d.reason).join(", ")})` : "";
    progress.done(`${data.ratings} ratings by ${data.users} people of ${data.items} items${left}`);
    for (const { message } of data.warnings) progress.done(`note: ${message}`);
    return { taste, data };
  } catch (error) {
    await taste.close();
    throw error;
  }
}

/** What a training is asked besides the model. */
export const trainOptions = ({ seed, validation, patience }: PackCommand): Partial<TrainOptions> =>
  ({
    seed,
    ...(validation && { validation }),
    ...(patience !== undefined && { patience }),
  }) as Partial<TrainOptions>;

/** What an evaluation is asked. */
export function evaluateOptions({ models, seed, protocol, k }: EvaluateCommand): EvaluateOptions {
  // Two rows of one model are told apart by their parameters.
  const named = models.map((ask) => {
    const twice = models.filter(({ model }) => model === ask.model).length > 1;
    return twice && ask.params ? { ...ask, name: `${ask.model} ${JSON.stringify(ask.params)}` } : ask;
  });
  return { models: named, seed, ...(protocol && { protocol }), ...(k !== undefined && { k }) } as EvaluateOptions;
}
