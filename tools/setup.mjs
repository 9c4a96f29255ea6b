#!/usr/bin/env node
/**
 * Puts there what is needed and not there yet. `ensure("npm", "wasm-bindgen")` from other tools,
 * `npm run setup [-- name…]` by hand (everything, when no name is given).
 */
import { installPackages, machine } from "./lib/machine.mjs";
import { isProgram, root } from "./lib/paths.mjs";
import { complain, line, seconds, step } from "./lib/say.mjs";

/** What `npm start` and a build need. No browser. */
export const forBuild = ["npm", "rust", "cc", "wasm-target", "wasm-bindgen", "wasm-opt"];

/** Names with what they need, needed ones first. */
function inOrder(names, things) {
  const order = new Set();
  const add = (name) => {
    if (!things[name]) {
      const error = new Error(`nothing is called "${name}". Known: ${Object.keys(things).join(", ")}`);
      throw Object.assign(error, { manual: true });
    }
    for (const need of things[name].needs ?? []) add(need);
    order.add(name);
  };
  for (const name of names) add(name);
  return [...order];
}

/** Tries to install one thing; gives the reason when it is still missing afterwards. */
async function put(thing, reason, missingNeed) {
  if (missingNeed) return `${reason}; needs ${missingNeed} first`;
  if (!thing.install) return reason;
  try {
    await step(`install ${thing.title}`, thing.install);
  } catch (error) {
    complain(error);
    return error.message;
  }
  return await thing.missing();
}

/**
 * Checks, installs what is missing, and gives back what could not be installed: [{ name, title, reason, manual }].
 * Does not throw for a missing thing: the caller knows what is required.
 */
export async function provide(names) {
  const began = performance.now();
  const things = machine();
  const order = inOrder(names, things);
  const reasons = new Map();
  await Promise.all(order.map(async (name) => reasons.set(name, await things[name].missing())));
  const gone = () => order.filter((name) => reasons.get(name) !== undefined);
  if (!gone().length) {
    line("✓", "tools", `${order.length} in place`, seconds(began));
    return [];
  }
  for (const name of gone()) line("·", things[name].title, reasons.get(name));

  const debs = gone().filter((name) => things[name].packages);
  if (debs.length) {
    const wanted = debs.flatMap((name) => things[name].packages);
    try {
      await step(`install ${wanted.join(" ")}`, (tail) => installPackages(wanted, tail));
    } catch (error) {
      complain(error);
    }
    for (const name of debs) reasons.set(name, await things[name].missing());
  }
  for (const name of gone().filter((name) => !things[name].packages)) {
    const need = things[name].needs?.find((other) => reasons.get(other) !== undefined);
    // What it needed may just have brought it along (wasm-opt comes with the npm packages).
    const reason = need ? reasons.get(name) : await things[name].missing();
    reasons.set(name, reason === undefined ? undefined : await put(things[name], reason, need && things[need].title));
  }
  return gone().map((name) => {
    const { title, manual } = things[name];
    return { name, title, manual, reason: reasons.get(name) };
  });
}

/** Names what is missing with the command a person should run. */
export function report(missing) {
  if (!missing.length) return;
  console.error("\nThese could not be installed. Please run:");
  for (const { title, reason, manual } of missing) console.error(`  # ${title}: ${reason}\n  ${manual}`);
}

/** As `provide`, for callers that cannot go on without: throws when something is missing. */
export async function ensure(...names) {
  const missing = await provide(names);
  if (!missing.length) return;
  report(missing);
  const error = new Error(`missing: ${missing.map(({ title }) => title).join(", ")}`);
  error.manual = true;
  throw error;
}

const nodeWanted = [20, 19];
const nodeHere = process.versions.node.split(".").map(Number);
if (nodeHere[0] < nodeWanted[0] || (nodeHere[0] === nodeWanted[0] && nodeHere[1] < nodeWanted[1])) {
  console.error(`error: Node ${nodeWanted.join(".")} or newer is needed, this is ${process.versions.node}`);
  process.exit(1);
}

if (isProgram(import.meta.url)) {
  process.chdir(root);
  const names = process.argv.slice(2);
  try {
    const missing = await provide(names.length ? names : Object.keys(machine()));
    report(missing);
    process.exitCode = missing.length ? 1 : 0;
  } catch (error) {
    complain(error);
    process.exitCode = 1;
  }
}
