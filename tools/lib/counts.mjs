/** Reads how many tests ran out of what the runners print. */
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { root } from "./paths.mjs";

const none = () => ({ passed: 0, failed: 0, skipped: [] });

/** Counts of several runs in one. */
export function sum(counts) {
  const all = none();
  for (const { passed, failed, skipped } of counts) {
    all.passed += passed;
    all.failed += failed;
    all.skipped.push(...skipped);
  }
  return all;
}

/**
 * Output of `cargo test` and of wasm-bindgen's runner, which prints the same lines. A binary that died before its
 * result line, and a run that failed without a failed test (it did not compile), count as one failure.
 */
export function fromCargo(output, code) {
  const counts = none();
  let running = 0;
  let results = 0;
  for (const row of output.split(/\r?\n/)) {
    if (/^running \d+ tests?$/.test(row)) running++;
    const result = /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/.exec(row);
    if (result) {
      results++;
      counts.passed += Number(result[1]);
      counts.failed += Number(result[2]);
    }
    const ignored = /^test (.+?) \.\.\. ignored(?:, (.*))?$/.exec(row);
    if (ignored) counts.skipped.push({ name: ignored[1], reason: ignored[2] || "ignored, no reason given" });
  }
  counts.failed += Math.max(0, running - results);
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/**
 * Vitest's JSON report, with the verbose output for the notes of `skip("why")`, which the report leaves out.
 * A file that could not be loaded has no tests: it counts as one failure.
 */
export function fromVitest(reportFile, output, code) {
  const counts = none();
  const files = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, "utf8")).testResults : [];
  for (const file of files) {
    const name = relative(root, file.name);
    let failedHere = 0;
    for (const { status, ancestorTitles, title } of file.assertionResults) {
      if (status === "passed") counts.passed++;
      else if (status === "failed") failedHere++;
      else {
        const titles = [...ancestorTitles.filter(Boolean), title];
        const reason = skipNote(output, titles) ?? `${status}, no reason given`;
        counts.skipped.push({ name: `${name}: ${titles.join(" > ")}`, reason });
      }
    }
    if (file.status === "failed" && failedHere === 0) failedHere = 1;
    counts.failed += failedHere;
  }
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** The verbose reporter prints ` ↓ file > suite > title 0ms [note]`. */
function skipNote(output, titles) {
  const name = ` > ${titles.join(" > ")}`;
  for (const row of output.split(/\r?\n/)) {
    const at = /^\s*↓/.test(row) ? row.indexOf(name) : -1;
    const note = at >= 0 && /^(?: \d+ms)? \[(.*)\]\s*$/.exec(row.slice(at + name.length));
    if (note) return note[1];
  }
  return undefined;
}
