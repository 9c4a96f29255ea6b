/** What a page downloads. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { manifest, root } from "../lib/paths.mjs";

export async function* size() {
  const began = performance.now();
  const sizes = JSON.parse(readFileSync(join(root, "pkg/sizes.json"), "utf8"));
  for (const [metric, budget] of Object.entries(manifest().tasteprint.budget)) {
    const settings = { unit: "bytes, gzip level 9", budget, within: sizes[metric] <= budget };
    const seconds = (performance.now() - began) / 1000;
    yield { case: "package", model: null, metric, value: sizes[metric], seconds, settings };
  }
}
