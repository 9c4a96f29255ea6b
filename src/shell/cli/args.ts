/** The command line. Nothing is guessed: what is not known is refused. */
import { parseArgs } from "node:util";
import type { ColumnMapping, Scale } from "../types.ts";

/** Something the caller has to change: exit code 2. */
export class UsageError extends Error {
  constructor(
    message: string,
    /** Whose help says more. */
    readonly command?: Name,
  ) {
    super(message);
  }
}

export type Name = "pack" | "evaluate";

export interface ModelAsk {
  model: string;
  params?: object;
}

interface Common {
  /** Paths of ratings and items, in order. */
  files: string[];
  models: ModelAsk[];
  mapping?: ColumnMapping;
  scale?: Scale;
  seed: number;
  label?: string;
  json: boolean;
  quiet: boolean;
}

export interface PackCommand extends Common {
  name: "pack";
  output: string;
  half: boolean;
  licence?: string;
  validation?: object;
  patience?: number;
}

export interface EvaluateCommand extends Common {
  name: "evaluate";
  protocol?: object;
  k?: number;
}

export type Command = PackCommand | EvaluateCommand | { name: "help"; of: "tasteprint" | Name } | { name: "version" };

const text = { type: "string" } as const;
const several = { type: "string", multiple: true } as const;
const flag = { type: "boolean" } as const;
const COMMON = {
  items: several,
  model: several,
  models: several,
  params: several,
  mapping: text,
  scale: text,
  seed: text,
  label: text,
  json: flag,
  quiet: flag,
  help: { ...flag, short: "h" },
} as const;
const OPTIONS = {
  pack: {
    ...COMMON,
    output: { ...text, short: "o" },
    f16: flag,
    licence: text,
    license: text,
    validation: text,
    patience: text,
  },
  evaluate: { ...COMMON, protocol: text, k: text },
} as const;

const isName = (word: string | undefined): word is Name => word === "pack" || word === "evaluate";

export function parse(argv: readonly string[]): Command {
  const [first, ...rest] = argv;
  if (first === "--version" || first === "-V") return { name: "version" };
  if (first === "--help" || first === "-h" || first === "help")
    return { name: "help", of: isName(rest[0]) ? rest[0] : "tasteprint" };
  if (!isName(first))
    throw new UsageError(first === undefined ? "say what to do: pack or evaluate" : `there is no command "${first}"`);
  const { values, positionals, tokens } = read(first, rest);
  if (values.help) return { name: "help", of: first };
  const fail = (message: string): never => {
    throw new UsageError(message, first);
  };
  const number = (key: string, low: number, high: number): number | undefined => {
    const given = values[key] as string | undefined;
    if (given === undefined) return undefined;
    const value = Number(given);
    if (!/^\d+$/.test(given) || value < low || value > high)
      fail(`--${key} needs a whole number from ${low} to ${high === SAFE ? "2^53 − 1" : high}, not "${given}"`);
    return value;
  };
  const files = [...positionals, ...((values.items as string[] | undefined) ?? [])];
  if (files.length === 0) fail("name at least one file of ratings");
  const { mapping, scale, label } = values as Record<string, string | undefined>;
  const common: Common = {
    files,
    models: modelsOf(tokens, fail),
    seed: number("seed", 0, SAFE) ?? 1,
    json: values.json === true,
    quiet: values.quiet === true,
    ...(mapping !== undefined && { mapping: mappingOf(mapping, fail) }),
    ...(scale !== undefined && { scale: scaleOf(scale, fail) }),
    ...(label !== undefined && { label }),
  };
  if (first === "evaluate") {
    const { protocol } = values as { protocol?: string };
    const k = number("k", 1, 1000);
    return {
      name: "evaluate",
      ...common,
      ...(protocol !== undefined && { protocol: splitOf("protocol", protocol, fail) }),
      ...(k !== undefined && { k }),
    };
  }
  const { output, validation } = values as { output?: string; validation?: string };
  const licence = (values.licence ?? values.license) as string | undefined;
  const patience = number("patience", 0, 1000);
  return {
    name: "pack",
    ...common,
    output: output || fail("say where the pack goes: -o cinema.pack"),
    half: values.f16 === true,
    ...(licence !== undefined && { licence }),
    ...(validation !== undefined && { validation: splitOf("validation", validation, fail) }),
    ...(patience !== undefined && { patience }),
  };
}

const SAFE = Number.MAX_SAFE_INTEGER;

type Fail = (message: string) => never;
interface Token {
  kind: string;
  name?: string;
  value?: string | undefined;
}

function read(name: Name, args: string[]) {
  try {
    const { values, positionals, tokens } = parseArgs({
      args,
      options: OPTIONS[name],
      allowPositionals: true,
      tokens: true,
    });
    return { values: values as Record<string, unknown>, positionals, tokens: tokens as Token[] };
  } catch (error) {
    // Node's sentence names the option; what follows it is about the syntax of its own library.
    const message = (error as Error).message.split(". ")[0] ?? "";
    throw new UsageError(message.charAt(0).toLowerCase() + message.slice(1), name);
  }
}

/** Models in the order they are named; parameters belong to the one named last. */
function modelsOf(tokens: readonly Token[], fail: Fail): ModelAsk[] {
  const models: ModelAsk[] = [];
  for (const { kind, name, value = "" } of tokens) {
    if (kind !== "option") continue;
    if (name === "model") models.push({ model: value });
    if (name === "models") models.push(...value.split(",").map((model) => ({ model: model.trim() })));
    if (name !== "params") continue;
    // Without a name before it, it is about the default.
    if (models.length === 0) models.push({ model: DEFAULT });
    const last = models.at(-1) as ModelAsk;
    if (last.params) fail(`--params is given twice for ${last.model}`);
    last.params = objectOf("params", value, fail);
  }
  if (models.some(({ model }) => model === "")) fail("--model needs the name of a model");
  return models.length > 0 ? models : [{ model: DEFAULT }];
}

const DEFAULT = "matrix-factorization";

function objectOf(key: string, json: string, fail: Fail): object {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    fail(`--${key} is no JSON: ${json}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    fail(`--${key} needs an object, as in '{"factors":32}', not ${json}`);
  return value as object;
}

/** `time:0.2` → `{ split: "time", fraction: 0.2 }`. */
function splitOf(key: string, given: string, fail: Fail): object {
  if (given.trim().startsWith("{")) return objectOf(key, given, fail);
  const [split = "", size, more] = given.split(":");
  const sizes: Record<string, string> = { random: "fraction", time: "fraction", "leave-last": "n", "k-fold": "folds" };
  if (size === undefined) return { split };
  const name = sizes[split];
  const value = Number(size);
  if (name === undefined || more !== undefined || size.trim() === "" || !Number.isFinite(value))
    fail(`--${key} needs a split as random:0.2, time:0.2, leave-last:1 or k-fold:5, not "${given}"`);
  return { split, [name as string]: value };
}

const ROLES = ["user", "item", "rating", "timestamp", "title", "genres"];

function mappingOf(given: string, fail: Fail): ColumnMapping {
  const pairs = given.split(",").map((pair): [string, string] => {
    const at = pair.indexOf("=");
    return [pair.slice(0, Math.max(at, 0)).trim(), pair.slice(at + 1).trim()];
  });
  const mapping = Object.fromEntries(pairs);
  const odd = pairs.find(([role, column]) => !ROLES.includes(role) || column === "");
  const missing = ["user", "item", "rating"].find((role) => !(role in mapping));
  if (odd || missing) fail(`--mapping needs user=…,item=…,rating=… with names from the header, not "${given}"`);
  return mapping as unknown as ColumnMapping;
}

function scaleOf(given: string, fail: Fail): Scale {
  const [min, max, step, ...more] = given.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const all = [min, max, step];
  if (more.length > 0 || !all.every((x) => Number.isFinite(x))) fail(`--scale needs min,max,step, not "${given}"`);
  return { min, max, step } as Scale;
}
