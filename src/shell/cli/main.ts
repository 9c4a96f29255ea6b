#!/usr/bin/env node
/**
 * The command of the package, on the same engine as the page and through the same public object. Results go to stdout,
 * everything else to stderr. Exit code: 0 done, 1 failed, 2 the command line cannot be understood.
 */
import { readFileSync } from "node:fs";
import { type Name, parse, UsageError } from "./args.ts";
import { evaluate } from "./evaluate.ts";
import { HELP } from "./help.ts";
import { pack } from "./pack.ts";
import { Progress } from "./progress.ts";
import { Failure } from "./work.ts";

async function run(argv: readonly string[]): Promise<number> {
  let named: Name | undefined;
  let progress: Progress | undefined;
  const print = (text: string) => process.stdout.write(`${text}\n`);
  const complain = (text: string) => {
    progress?.clear();
    process.stderr.write(`tasteprint: ${text}\n`);
  };
  try {
    const command = parse(argv);
    if (command.name === "help") print(HELP[command.of]);
    else if (command.name === "version") print(version());
    else {
      named = command.name;
      progress = new Progress(process.stderr, command.quiet);
      const world = { progress, print };
      if (command.name === "pack") await pack(command, world);
      else await evaluate(command, world);
    }
    return 0;
  } catch (error) {
    const of = error instanceof UsageError ? error.command : named;
    // What the engine refuses by name came from the command line; what it refuses in a file did not.
    const { code, message } = error as { code?: string; message: string };
    const usage = error instanceof UsageError || code === "invalid-argument" || code === "unknown-option";
    if (usage) complain(`${message}\nTry: tasteprint ${of ? `${of} ` : ""}--help`);
    else if (error instanceof Failure || code !== undefined) complain(message);
    else complain((error as Error)?.stack ?? String(error));
    return usage ? 2 : 1;
  }
}

const version = (): string => JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;

process.exitCode = await run(process.argv.slice(2));
