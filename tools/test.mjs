#!/usr/bin/env node
/**
 * All checks and tests: `npm test`. `npm test -- --only native,shell` runs some of them, `--list` names them.
 * Goes on after a failure; the last line is `N passed, N failed, N skipped`.
 */
import { build } from "./build.mjs";
import { sum } from "./lib/counts.mjs";
import { isProgram, root } from "./lib/paths.mjs";
import { endAll } from "./lib/run.mjs";
import { complain, line, seconds, watch } from "./lib/say.mjs";
import { steps } from "./lib/steps.mjs";
import { forBuild, provide, report } from "./setup.mjs";

function parse(args) {
  let only = steps.map(({ name }) => name);
  for (let i = 0; i < args.length; i++) {
    const [key, value] = args[i].split("=", 2);
    if (key === "--list") return { list: true };
    if (key !== "--only") throw new Error(`unknown: ${args[i]}. Known: --only name[,name], --list`);
    only = (value ?? args[++i] ?? "").split(",").filter(Boolean);
    const wrong = only.filter((name) => !steps.some((step) => step.name === name));
    if (wrong.length || !only.length)
      throw new Error(`--only ${wrong.join(",")}: the steps are ${steps.map(({ name }) => name).join(", ")}`);
  }
  return { chosen: steps.filter(({ name }) => only.includes(name)) };
}

/** The builds the chosen steps use; gives the names of those that failed. */
async function buildAll(chosen, missing) {
  const failed = new Set();
  for (const name of ["package", "faults"]) {
    if (!chosen.some(({ built }) => built?.includes(name))) continue;
    try {
      const lacking = missing.filter((thing) => forBuild.includes(thing.name));
      if (lacking.length) throw Object.assign(new Error(`missing: ${lacking[0].title}`), { manual: true });
      await build({ faults: name === "faults" });
    } catch (error) {
      complain(error);
      failed.add(name);
    }
  }
  return failed;
}

/** Why a step cannot run, if so. */
function obstacle({ needs, built }, missing, failedBuilds) {
  const lacking = missing.find(({ name }) => needs.includes(name));
  if (lacking) return `${lacking.title}: ${lacking.reason}. Run: ${lacking.manual}`;
  const broken = built?.find((name) => failedBuilds.has(name));
  return broken && `the build "${broken}" failed`;
}

async function runStep(step, reason) {
  const began = performance.now();
  let result;
  try {
    result = reason
      ? { passed: 0, failed: 1, skipped: [], output: `not run: ${reason}\n` }
      : await watch(step.title, step.run);
  } catch (error) {
    result = { passed: 0, failed: 1, skipped: [], output: `${error.stack}\n` };
  }
  const { passed, failed, skipped, output, note } = result;
  const words = [`${passed} passed`];
  if (failed) words.push(`${failed} failed`);
  if (skipped.length) words.push(`${skipped.length} skipped`);
  line(failed ? "✗" : "✓", step.title, note && !failed ? note : words.join(", "), seconds(began));
  if (failed) console.log(`\n${output.trimEnd()}\n`);
  for (const { name, reason: why } of skipped) console.log(`    skipped: ${name}: ${why}`);
  return result;
}

async function main() {
  const { list, chosen } = parse(process.argv.slice(2));
  if (list) {
    for (const { name, title } of steps) console.log(`${name.padEnd(14)}${title}`);
    return 0;
  }
  const began = performance.now();
  const builds = chosen.some(({ built }) => built);
  const missing = await provide([...new Set([...(builds ? forBuild : []), ...chosen.flatMap(({ needs }) => needs)])]);
  report(missing);
  const failedBuilds = await buildAll(chosen, missing);
  const results = [];
  for (const step of chosen) results.push(await runStep(step, obstacle(step, missing, failedBuilds)));
  const { passed, failed, skipped } = sum(results);
  const broken = chosen.filter((_, at) => results[at].failed).map(({ name }) => name);
  console.log(`\n${broken.length ? `failed: ${broken.join(", ")}; ` : ""}all in ${seconds(began)}`);
  console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
  return failed || !passed ? 1 : 0;
}

if (isProgram(import.meta.url)) {
  process.chdir(root);
  let code = 1;
  try {
    code = await main();
  } catch (error) {
    console.error(`error: ${error.message}`);
  }
  await endAll();
  process.exit(code);
}
