/** The command line. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../lib/paths.mjs";
import { accuracyCases, speedCases } from "./cases.mjs";
import { UsageError } from "./errors.mjs";
import { defaultCases, models } from "./models.mjs";

/** Cases of `speed` with a peer to be measured beside. */
const peered = Object.keys(speedCases).filter((name) => speedCases[name].peer);
/** Those of `accuracy`: measured by default where a peer is asked for. */
const peeredTables = Object.keys(accuracyCases).filter((name) => accuracyCases[name].peer);

const suites = {
  accuracy: {
    cases: Object.keys(accuracyCases),
    defaults: ["ml-100k/P1.0", "ml-latest-small/P1.0", "ml-1m/P1.0", "ml-100k/P3"],
    options: ["data", "model", "case", "params", "seed", "peers", "json"],
  },
  speed: {
    cases: Object.keys(speedCases),
    defaults: Object.keys(speedCases),
    options: ["data", "model", "case", "seed", "peers", "json"],
  },
  size: { cases: ["package"], defaults: ["package"], options: ["data", "case", "json"] },
  docs: { cases: [], defaults: [], options: [] },
};

const listed = (words) => words.join(" ").replace(/(.{60,90}) /g, `$1\n${" ".repeat(27)}`);

export const usage = `npm run bench -- accuracy|speed|size|docs [options]

  accuracy, speed and size measure; docs writes docs/model-selection.md from what was measured last on this machine.

  --case NAME    one case, or several with commas between; may be repeated
                 accuracy: ${listed(suites.accuracy.cases)}
                 speed:    ${listed(suites.speed.cases)}
  --model NAME   ${models.slice(0, -1).join(", ")} or ${models.at(-1)}
                 (accuracy: popularity is always beside; speed: case page, default all)
  --params JSON  parameters of the model in place of its defaults and of the documented settings (accuracy)
  --seed N       of the models, default 1
  --data DIR     where the data sets are; else TASTEPRINT_DATA, else ../shared/data beside the project
  --peers        the native peer in the same run, turn by turn (speed: ${peered.join(" ")};
                 accuracy: ${peeredTables.join(" ")}, which are its default cases then)
  --json         one JSON object a line on stdout and nothing else`;

const oneOf = (what, known, got) => new UsageError(`unknown ${what} "${got}". Known: ${known.join(", ")}`);

function paramsOf(text) {
  let params;
  try {
    params = JSON.parse(text);
  } catch {
    throw new UsageError(`--params is no JSON: ${text}`);
  }
  if (params === null || typeof params !== "object" || Array.isArray(params))
    throw new UsageError(`--params needs an object, as in '{"factors":32}', not ${text}`);
  return params;
}

function seedOf(text) {
  const seed = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seed)) return seed;
  throw new UsageError(`--seed needs a whole number from 0 to 2^53 − 1, not ${text}`);
}

/** Checks the command line. Nothing is guessed: what is not known is refused. */
export function parse(args, env = process.env) {
  const text = { type: "string" };
  const several = { type: "string", multiple: true };
  const flag = { type: "boolean" };
  const options = {
    ...{ data: text, model: text, params: text, seed: text, case: several },
    ...{ peers: flag, json: flag, help: flag },
  };
  let values;
  let positionals;
  try {
    ({ values, positionals } = parseArgs({ args, options, allowPositionals: true }));
  } catch (error) {
    throw new UsageError(error.message);
  }
  if (values.help) return { help: true };
  const [name, ...rest] = positionals;
  const suite = Object.hasOwn(suites, name ?? "") ? suites[name] : undefined;
  if (!suite) throw name === undefined ? new UsageError(usage) : oneOf("suite", Object.keys(suites), name);
  if (rest.length) throw new UsageError(`unexpected: ${rest.join(" ")}`);
  for (const key of Object.keys(values))
    if (!suite.options.includes(key)) throw new UsageError(`--${key} has no meaning for ${name}`);

  const cases = [...new Set((values.case ?? []).flatMap((list) => list.split(",")))];
  for (const wanted of cases) if (!suite.cases.includes(wanted)) throw oneOf(`case of ${name}`, suite.cases, wanted);
  if (values.model !== undefined && !models.includes(values.model)) throw oneOf("model", models, values.model);
  const ofModel = name === "accuracy" ? defaultCases[values.model] : undefined;
  const defaults = name === "accuracy" && values.peers ? peeredTables : (ofModel ?? suite.defaults);
  const chosen = cases.length ? cases : defaults;
  const model = values.model ?? (name === "accuracy" ? modelOf(chosen) : undefined);
  for (const wanted of chosen) checkModel(name, wanted, model);
  const alone = name === "accuracy" && values.peers && chosen.find((wanted) => !accuracyCases[wanted].peer);
  if (alone) throw new UsageError(`--peers has no meaning for ${alone}: there is none`);
  return {
    suite: name,
    cases: chosen,
    model,
    params: values.params === undefined ? undefined : paramsOf(values.params),
    seed: seedOf(values.seed ?? "1"),
    folder: resolve(values.data ?? (env.TASTEPRINT_DATA || resolve(root, "../shared/data"))),
    peers: values.peers ?? false,
    json: values.json ?? false,
  };
}

/** The model that cases are about. */
function modelOf(cases) {
  const about = [...new Set(cases.map((wanted) => accuracyCases[wanted].model ?? "matrix-factorization"))];
  if (about.length > 1) throw new UsageError(`these cases are about ${about.join(", ")}: name one with --model`);
  return about[0];
}

/** Refuses a model that a case is not for. */
function checkModel(suite, wanted, model) {
  if (model === undefined) return;
  const only = suite === "accuracy" && accuracyCases[wanted].only;
  if (only && !only.includes(model)) throw new UsageError(`${wanted} is for ${only.join(", ")}, not ${model}`);
  if (suite === "speed" && !speedCases[wanted].models)
    throw new UsageError(`${wanted} measures what it is for, not ${model}: leave --model out`);
}

/** The data sets the wanted cases read. */
export function dataOf({ suite, cases }) {
  const of = { accuracy: accuracyCases, speed: speedCases };
  return [...new Set(cases.map((name) => of[suite]?.[name]?.data))].filter((name) => name !== undefined);
}
