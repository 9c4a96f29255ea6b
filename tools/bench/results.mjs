/**
 * What was measured on this machine, kept under target/ so that the document can be written from it. The last line of
 * a measurement counts. Nothing of it is committed but the figures in the document.
 */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root, target } from "../lib/paths.mjs";

const file = join(target, "bench-results.jsonl");

/** Which package it was: figures of different ones do not belong in one table. */
export function packageHash() {
  const path = join(root, "pkg/tasteprint_bg.wasm");
  return existsSync(path) ? createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, 12) : "";
}

/** Keeps a line as it was printed. */
export function keep(line, hash, to = file) {
  mkdirSync(dirname(to), { recursive: true });
  appendFileSync(to, `${JSON.stringify({ ...JSON.parse(line), package: hash })}\n`);
}

const keyOf = ({ suite, case: name, model, metric, settings }) =>
  JSON.stringify([suite, name, model, metric, settings.params ?? null, settings.seed ?? null]);

/** The latest line of every measurement, in the order in which they were first made. */
export function kept(from = file) {
  const found = new Map();
  if (!existsSync(from)) return [];
  for (const line of readFileSync(from, "utf8").split("\n").filter(Boolean)) {
    const row = JSON.parse(line);
    found.set(keyOf(row), row);
  }
  return [...found.values()];
}
