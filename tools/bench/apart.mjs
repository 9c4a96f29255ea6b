/**
 * Work in a thread of its own. Memory of WebAssembly only grows, and within one thread every engine lives in the same:
 * here each measurement has its own, so that what it needed can be read off.
 */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { curve } from "./curve.mjs";
import { evaluate } from "./evaluate.mjs";
import { newcomers } from "./newcomers.mjs";
import { parity } from "./parity.mjs";

const works = { curve, evaluate, newcomers, parity };

/** Runs a work; `tail` is told what it is doing. */
export function apart(name, options, tail) {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL(import.meta.url), { workerData: { name, options } });
    thread.on("message", ({ says, result }) => (says === undefined ? resolve(result) : tail(says)));
    thread.on("error", reject);
    thread.on("exit", (code) => reject(new Error(`the measuring thread ended with ${code}`)));
  });
}

if (!isMainThread && workerData?.name in works) {
  const { name, options } = workerData;
  parentPort.postMessage({ result: await works[name](options, (says) => parentPort.postMessage({ says })) });
}
