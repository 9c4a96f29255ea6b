/** What can be measured, and the command line that asks for it. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../lib/paths.mjs";

export const models = ["popularity", "matrix-factorization"];

/** `test` of P1 is which folds are held out in turn; P2 has a split of its own, P5 a ranking of its own. */
export const accuracyCases = {
  "ml-100k/P1.0": { data: "ml-100k", test: [0] },
  "ml-100k/P1": { data: "ml-100k", test: [0, 1, 2, 3, 4] },
  "ml-100k/P2": { data: "ml-100k", test: ["u1"] },
  "ml-100k/P3": { data: "ml-100k", test: [0] },
  "ml-latest-small/P1.0": { data: "ml-latest-small", test: [0] },
  "ml-latest-small/P1": { data: "ml-latest-small", test: [0, 1, 2, 3, 4] },
  "ml-latest-small/P3": { data: "ml-latest-small", test: [0] },
  "ml-latest-small/P5.0": { data: "ml-latest-small", test: [0], ratedOnly: true },
  "ml-1m/P1.0": { data: "ml-1m", test: [0] },
  "ml-1m/P3": { data: "ml-1m", test: [0] },
};

/** The data set a case of `speed` needs, or none. */
export const speedCases = { "mf-sgd": "ml-1m", live: undefined, recommend: "ml-1m", import: "ml-1m" };

const suites = {
  accuracy: {
    cases: Object.keys(accuracyCases),
    defaults: ["ml-100k/P1.0", "ml-latest-small/P1.0", "ml-1m/P1.0", "ml-100k/P3"],
    options: ["data", "model", "case", "params", "seed", "json"],
  },
  speed: {
    cases: Object.keys(speedCases),
    defaults: Object.keys(speedCases),
    options: ["data", "model", "case", "seed", "peers", "json"],
  },
  size: { cases: ["package"], defaults: ["package"], options: ["data", "case", "json"] },
};

export const usage = `npm run bench -- accuracy|speed|size [options]

  --case NAME    one case, or several with commas between; may be repeated
                 accuracy: ${suites.accuracy.cases.join(" ")}
                 speed:    ${suites.speed.cases.join(" ")}
  --model NAME   ${models.join(" or ")} (accuracy; popularity is always beside)
  --params JSON  parameters of the model in place of its defaults (accuracy)
  --seed N       of the models, default 1
  --data DIR     where the data sets are; else TASTEPRINT_DATA, else ../shared/data beside the project
  --peers        the native peer in the same run, turn by turn (speed, mf-sgd)
  --json         one JSON object a line on stdout and nothing else`;

/** Something the caller has to change: exit code 2. */
export class UsageError extends Error {}

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
  const model = values.model ?? "matrix-factorization";
  if (!models.includes(model)) throw oneOf("model", models, model);
  if (name === "speed" && model !== "matrix-factorization")
    throw new UsageError(`speed measures matrix-factorization, not ${model}`);
  return {
    suite: name,
    cases: cases.length ? cases : suite.defaults,
    model,
    params: values.params === undefined ? undefined : paramsOf(values.params),
    seed: seedOf(values.seed ?? "1"),
    folder: resolve(values.data ?? (env.TASTEPRINT_DATA || resolve(root, "../shared/data"))),
    peers: values.peers ?? false,
    json: values.json ?? false,
  };
}

/** The data sets the wanted cases read. */
export function dataOf({ suite, cases }) {
  const of = { accuracy: (name) => accuracyCases[name].data, speed: (name) => speedCases[name], size: () => undefined };
  return [...new Set(cases.map(of[suite]))].filter((name) => name !== undefined);
}
