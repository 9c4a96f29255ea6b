#!/usr/bin/env node
/**
 * Measures the built package: `npm run bench -- accuracy|speed|size`, and writes the document about it:
 * `npm run bench -- docs`. Exit code 2: the command line or the data is not as it must be; 1: a measurement failed.
 */
import { dataOf, parse, usage } from "./bench/args.mjs";
import { checkFolder } from "./bench/data.mjs";
import { UsageError } from "./bench/errors.mjs";
import { tableHead, toLine, toTableRow } from "./bench/output.mjs";
import { keep, packageHash } from "./bench/results.mjs";
import { build } from "./build.mjs";
import { isProgram, root } from "./lib/paths.mjs";
import { endAll } from "./lib/run.mjs";
import { complain } from "./lib/say.mjs";
import { ensure, forBuild } from "./setup.mjs";

const suites = {
  accuracy: async () => (await import("./bench/accuracy.mjs")).accuracy,
  speed: async () => (await import("./bench/speed.mjs")).speed,
  size: async () => (await import("./bench/size.mjs")).size,
};

async function main(args) {
  const wanted = parse(args);
  if (wanted.help) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  if (wanted.suite === "docs") {
    const { writeDocs } = await import("./bench/docs.mjs");
    return writeDocs();
  }
  const needed = dataOf(wanted);
  if (needed.length) checkFolder(wanted.folder, needed);
  await ensure(...forBuild, ...(wanted.suite === "speed" ? ["chromium"] : []));
  await build();
  const measure = await suites[wanted.suite]();
  const hash = packageHash();
  const print = (text) => process.stdout.write(`${text}\n`);
  if (!wanted.json) print(tableHead());
  for await (const row of measure(wanted)) {
    const whole = { suite: wanted.suite, ...row };
    // Made in both cases: its checks hold for the table too.
    const line = toLine(whole);
    keep(line, hash);
    print(wanted.json ? line : toTableRow(whole));
  }
}

if (isProgram(import.meta.url)) {
  process.chdir(root);
  // The tools tell their progress with console.log; here stdout belongs to the results.
  console.log = console.error;
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    if (error instanceof UsageError) console.error(`error: ${error.message}`);
    else complain(error);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
  await endAll();
}
